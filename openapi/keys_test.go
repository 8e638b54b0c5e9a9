package openapi_test

import (
	"encoding/pem"
	"strings"
	"testing"

	"github.com/specpay/specpay/openapi"
	"github.com/specpay/specpay/openapi/openapitest"
	"github.com/specpay/specpay/pay"
)

// TestKeyErrors: what is not a key is refused by New, with an error that says what it is.
func TestKeyErrors(t *testing.T) {
	srv := openapitest.NewServer(t)
	good := openapi.Credentials(srv.Credentials())
	block, _ := pem.Decode([]byte(good.PrivateKey))
	encrypted := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "x"}, Bytes: block.Bytes}))
	base64 := strings.Join(strings.Split(strings.TrimSpace(good.PrivateKey), "\n")[1:len(strings.Split(strings.TrimSpace(good.PrivateKey), "\n"))-1], "")
	for name, tt := range map[string]struct{ key, want string }{
		"an encrypted key":           {encrypted, "PrivateKey: the key is encrypted; want a decrypted key"},
		"a certificate":              {pemOf(t, "CERTIFICATE", block.Bytes), `PrivateKey: the type of the PEM block is "CERTIFICATE"; want a private RSA key`},
		"Base64 with text behind it": {base64 + "\n!", "PrivateKey: the text is not PEM"},
		"Base64":                     {base64, ""},
	} {
		creds := good
		creds.PrivateKey = tt.key
		_, err := openapi.New(creds, pay.WithBaseURL(srv.URL))
		if tt.want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), secrets(good.PrivateKey)[0]) {
			t.Errorf("%s: got error %v, want one that contains %q and no part of the key", name, err, tt.want)
		}
	}
}

// TestKeyVersionIsNotPrinted: a version that is not a number may be a key in the wrong place.
func TestKeyVersionIsNotPrinted(t *testing.T) {
	for version, want := range map[string]string{
		"12345678":  `PlatformPublicKeys["12345678"]: `,
		"123456789": "PlatformPublicKeys[a version that is not a number]: ",
		"canary":    "PlatformPublicKeys[a version that is not a number]: ",
	} {
		creds := pairCredentials(t)
		creds.PlatformPublicKeys = map[string]string{version: "x"}
		_, err := openapi.New(creds)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: got error %v, want one that contains %q", version, err, want)
		}
	}
}

// TestClientIDs: the client ID is part of headers and of the signed content, so it is visible
// ASCII without commas.
func TestClientIDs(t *testing.T) {
	for id, good := range map[string]bool{
		"!a~": true, "A": true, "": false, "a b": false, "a ": false, "a,b": false, "a\x7f": false, "é": false, "a\t": false, "a\n": false,
	} {
		creds := pairCredentials(t)
		creds.ClientID = id
		if _, err := openapi.New(creds); (err == nil) != good {
			t.Errorf("%q: got error %v, want it accepted: %v", id, err, good)
		}
	}
}
