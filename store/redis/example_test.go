package redis_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"os"

	goredis "github.com/redis/go-redis/v9"

	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
	"github.com/specpay/specpay/store/redis"
)

// All clients of a program can share one store, for tokens and events.
func Example() {
	key, err := base64.StdEncoding.DecodeString(os.Getenv("TOKEN_KEY")) // 32 random bytes: head -c 32 /dev/urandom | base64
	if err != nil {
		fmt.Println("TOKEN_KEY is not base64")
		return
	}
	store, err := redis.New(goredis.NewClient(&goredis.Options{Addr: "redis.internal:6379"}), redis.WithTokenKey(key))
	if err != nil {
		fmt.Println(err)
		return
	}
	shop, err := qpay.New(qpay.Credentials{Username: os.Getenv("QPAY_USERNAME"), Password: os.Getenv("QPAY_PASSWORD")},
		pay.WithTokenStore(store), pay.WithEventStore(store), pay.WithLogger(slog.Default()))
	if err != nil {
		fmt.Println(err)
		return
	}
	http.Handle("/paid", shop.Webhook(func(_ context.Context, ev qpay.Event) error {
		fmt.Println("paid:", ev.PaymentID) // once, in one of the processes
		return nil
	}))
}
