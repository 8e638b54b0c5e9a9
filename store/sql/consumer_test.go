package sqlstore_test

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
		"-module", "store/sql", "-program", program)
	cmd.Dir = "../.."
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestConsumer ") {
		t.Errorf("%v\n%s", err, out)
	}
}

const consumer = `package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"log"

	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
	sqlstore "github.com/specpay/specpay/store/sql"
)

// down is a database that cannot be reached: the module requires no driver.
type down struct{}

var errDown = errors.New("the database is down")

func (down) Connect(context.Context) (driver.Conn, error) { return nil, errDown }
func (down) Driver() driver.Driver                        { return nil }

func main() {
	db := sql.OpenDB(down{})
	store, err := sqlstore.New(db, sqlstore.PostgreSQL, sqlstore.WithPrefix("shop_"), sqlstore.WithTokenKey(make([]byte, 32)))
	if err != nil {
		log.Fatal(err)
	}
	if err := store.Migrate(context.Background()); !errors.Is(err, errDown) || len(store.Migrations()) == 0 {
		log.Fatal(err)
	}
	opts := []pay.Option{pay.WithTokenStore(store), pay.WithEventStore(store)}
	if _, err := qpay.New(qpay.Credentials{Username: "shop", Password: "secret"}, opts...); err != nil {
		log.Fatal(err)
	}
	if err := db.Close(); err != nil {
		log.Fatal(err)
	}
}
`
