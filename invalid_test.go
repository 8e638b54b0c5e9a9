package specpay_test

import (
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/specpay/specpay/gateway"
	"github.com/specpay/specpay/openapi"
	"github.com/specpay/specpay/openapi/openapitest"
	"github.com/specpay/specpay/pay"
	"github.com/specpay/specpay/qpay"
	"github.com/specpay/specpay/xpay"
)

// TestErrorsOfNewShowNoSecret puts secrets into every credential and into options, as
// a program does that mixes up its configuration.
func TestErrorsOfNewShowNoSecret(t *testing.T) {
	srv := openapitest.NewServer(t)
	hex64 := strings.Repeat("0123456789abcdef", 4)
	for _, tt := range []struct {
		creds any // valid
		open  any // New
	}{
		{qpay.Credentials{Username: "u", Password: "p", CallbackKey: hex64, OldCallbackKeys: []string{hex64}}, qpay.New},
		{openapi.Credentials(srv.Credentials()), openapi.New},
		{xpay.Credentials{APIKey: "sk_test_0123456789", WebhookSecret: "whsec_0123456789", OldWebhookSecrets: []string{"whsec_0123456789"}}, xpay.New},
		{gateway.Credentials{PublicKey: "pk_" + hex64[:24], Secret: hex64, WebhookSecret: strings.Repeat("f", 64)}, gateway.New},
	} {
		name, errs := reflect.TypeOf(tt.creds).String(), 0
		open := func(creds reflect.Value, opts ...pay.Option) {
			args := []reflect.Value{creds}
			for _, o := range opts {
				args = append(args, reflect.ValueOf(o))
			}
			err, _ := reflect.ValueOf(tt.open).Call(args)[1].Interface().(error)
			if err == nil {
				return
			}
			errs++
			if showsCanary(err.Error()) {
				t.Errorf("%s: the error shows a part of a secret: %s", name, err)
			}
		}
		open(reflect.ValueOf(tt.creds))
		if errs > 0 {
			t.Errorf("%s: New refuses valid credentials", name)
		}
		for _, secret := range canarySecrets() {
			for _, creds := range misplaced(tt.creds, secret) {
				open(creds)
			}
			for _, o := range []pay.Option{pay.WithBaseURL(secret), pay.WithBaseURL("https://" + secret + "@host.example"), pay.WithUserAgent(secret + "\n")} {
				open(reflect.ValueOf(tt.creds), o)
			}
		}
		if errs < 30 {
			t.Errorf("%s: got %d errors, want 30 or more", name, errs)
		}
	}
	for _, secret := range canarySecrets() {
		for _, args := range [][3]string{{secret, "7", "https://shop.example"}, {"https://shop.example", secret, "7"}, {secret, secret, secret}, {"https://shop.example#" + secret, "7", secret}} {
			if _, err := qpay.CallbackURL(args[0], args[1], args[2]); err != nil && showsCanary(err.Error()) {
				t.Errorf("CallbackURL: the error shows a part of a secret: %s", err)
			}
		}
	}
}

const canary = "c4n4ry"

// canarySecrets returns secrets of every kind, and with the faults of a wrong copy.
func canarySecrets() (all []string) {
	text := strings.Repeat(canary, 8)
	block := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte(text)}))
	for _, s := range []string{text, "sk_live_" + text, "rk_test_" + canary, "pk_live_" + text, "whsec_" + text, "pk_" + text, text + strings.Repeat("0", 16), block, block + block, base64.StdEncoding.EncodeToString([]byte(text))} {
		all = append(all, s, s+"\n", " "+s, "user:"+s)
	}
	return all
}

func showsCanary(text string) bool {
	return strings.Contains(text, canary) || strings.Contains(text, base64.StdEncoding.EncodeToString([]byte(canary)))
}

// misplaced returns copies of credentials with a secret in one of their fields.
func misplaced(creds any, secret string) (all []reflect.Value) {
	for i := range reflect.TypeOf(creds).NumField() {
		set := func(v any) {
			changed := reflect.New(reflect.TypeOf(creds)).Elem()
			changed.Set(reflect.ValueOf(creds))
			changed.Field(i).Set(reflect.ValueOf(v))
			all = append(all, changed)
		}
		switch reflect.ValueOf(creds).Field(i).Interface().(type) {
		case string:
			set(secret)
		case []string:
			set([]string{secret})
		case map[string]string:
			set(map[string]string{secret: secret})
			set(map[string]string{"1": secret})
		}
	}
	return all
}

// TestErrorsOfCallOptionsShowNoSecret gives call options their arguments in the wrong
// order.
func TestErrorsOfCallOptionsShowNoSecret(t *testing.T) {
	c, err := xpay.New(xpay.Credentials{APIKey: "sk_test_0123456789"}, pay.WithTransport(refusing{}))
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range canarySecrets() {
		for _, o := range []pay.CallOption{pay.WithHeader("Bearer "+secret, "X-Token"), pay.WithHeader("X-Token", secret+"\n"), pay.WithIdempotencyKey(secret + "\n")} {
			if _, err := c.GetCheckoutSession(t.Context(), "cs_1", o); err == nil || showsCanary(err.Error()) {
				t.Errorf("got error %v, want one without a secret", err)
			}
		}
		if _, err := c.GetCheckoutSession(t.Context(), secret+"\n"); err == nil || showsCanary(err.Error()) {
			t.Errorf("got error %v, want one without a secret", err)
		}
	}
}

// refusing is a transport that sends nothing.
type refusing struct{}

func (refusing) RoundTrip(*http.Request) (*http.Response, error) { return nil, http.ErrServerClosed }
