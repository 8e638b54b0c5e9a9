package record_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/specpay/specpay/gateway"
	"github.com/specpay/specpay/gateway/gatewaytest"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/pay/record"
	"github.com/specpay/specpay/specs"
)

// A call is recorded against a sandbox and then replayed without one.
func Example() {
	srv, err := gatewaytest.Start("127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()
	spec, err := specs.Bytes("gateway")
	if err != nil {
		fmt.Println(err)
		return
	}
	rec, err := record.New(spec)
	if err != nil {
		fmt.Println(err)
		return
	}
	client, err := gateway.New(srv.Credentials(), pay.WithBaseURL(srv.URL), pay.WithTransport(rec))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.GetPayment(context.Background(), "payment-of-jane")
	fmt.Println("recorded:", errors.Is(err, gateway.ErrPaymentNotFound))

	var recording strings.Builder // or a file
	if _, err := rec.WriteTo(&recording); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("has the ID:", strings.Contains(recording.String(), "jane"))

	player, err := record.Replay(spec, []byte(recording.String()))
	if err != nil {
		fmt.Println(err)
		return
	}
	client, err = gateway.New(srv.Credentials(), pay.WithTransport(player))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.GetPayment(context.Background(), "another-payment")
	fmt.Println("replayed:", errors.Is(err, gateway.ErrPaymentNotFound), player.Unused())
	// Output:
	// recorded: true
	// has the ID: false
	// replayed: true []
}
