package gateway

import (
	"encoding/json"
	"net/http"
	"os"
	"strconv"
	"testing"
	"time"
)

// TestRequestVectors signs the bytes of the vectors. Any changed byte gives another
// signature.
func TestRequestVectors(t *testing.T) {
	data, err := os.ReadFile("../specs/vectors/gateway.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		PublicKey string `json:"public_key"`
		Secret    string `json:"secret"`
		Timestamp string `json:"timestamp"`
		Requests  []struct{ Name, Method, Path, Body, Signature string }
	}
	if err := json.Unmarshal(data, &v); err != nil || len(v.Requests) == 0 {
		t.Fatal(err)
	}
	seconds, err := strconv.ParseInt(v.Timestamp, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	a := &auth{publicKey: v.PublicKey, secret: v.Secret, now: func() time.Time { return time.Unix(seconds, 999_000_000) }}
	signature := func(method, path, body string) string {
		req, err := http.NewRequestWithContext(t.Context(), method, "https://gateway.test"+path+"?query=unsigned", nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := a.authorize(t.Context(), nil, req, []byte(body)); err != nil {
			t.Fatal(err)
		}
		return header(req, signatureHeader)
	}
	for _, one := range v.Requests {
		if got := signature(one.Method, one.Path, one.Body); got != one.Signature {
			t.Errorf("%s: %s, want %s", one.Name, got, one.Signature)
		}
		for i := range len(one.Body) {
			if signature(one.Method, one.Path, one.Body[:i]+string(one.Body[i]^1)+one.Body[i+1:]) == one.Signature {
				t.Errorf("%s: byte %d of the body is not signed", one.Name, i)
			}
		}
		for i := 1; i < len(one.Path); i++ {
			if signature(one.Method, one.Path[:i]+"x"+one.Path[i+1:], one.Body) == one.Signature {
				t.Errorf("%s: byte %d of the path is not signed", one.Name, i)
			}
		}
	}
}
