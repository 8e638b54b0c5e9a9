package redis_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestConsumer runs the root module's test of that name for this module: a program outside the repository requires it by
// version.
func TestConsumer(t *testing.T) {
	if _, err := os.Stat("../../consumer_test.go"); err != nil {
		t.Skip("needs the repository: ", err) // the module cache holds this module alone
	}
	program := filepath.Join(t.TempDir(), "main.go")
	fatal(t, os.WriteFile(program, []byte(consumer), 0o600))
	cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-v", "-run", "^TestConsumer$", ".",
		"-module", "store/redis", "-program", program)
	cmd.Dir = "../.."
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestConsumer ") {
		t.Errorf("%v\n%s", err, out)
	}
}

const consumer = `package main

import (
	"log"

	goredis "github.com/redis/go-redis/v9"

	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
	"github.com/specpay/specpay/store/redis"
)

func main() {
	client := goredis.NewClient(&goredis.Options{Addr: "127.0.0.1:1"})
	store, err := redis.New(client, redis.WithPrefix("shop:"), redis.WithTokenKey(make([]byte, 32)))
	if err != nil {
		log.Fatal(err)
	}
	opts := []pay.Option{pay.WithTokenStore(store), pay.WithEventStore(store)}
	if _, err := qpay.New(qpay.Credentials{Username: "shop", Password: "secret"}, opts...); err != nil {
		log.Fatal(err)
	}
	if err := client.Close(); err != nil {
		log.Fatal(err)
	}
}
`
