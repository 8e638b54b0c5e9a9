package sign_test

import (
	"crypto/rand"
	"crypto/rsa"
	"testing"

	"github.com/specpay/specpay/internal/sign"
)

// FuzzHMAC: a signature verifies, and does not if any byte is changed.
func FuzzHMAC(f *testing.F) {
	f.Add("secret", []byte("1778330096.{}"), 3, byte(1))
	f.Add("s", []byte(""), 0, byte(255))
	f.Fuzz(func(t *testing.T, key string, content []byte, at int, by byte) {
		mac := sign.HMAC(key, content)
		if err := sign.VerifyHMAC(key, mac, content); (err == nil) != (key != "") {
			t.Fatalf("%q: %v", key, err)
		}
		if by == 0 || key == "" {
			return
		}
		at = max(at, -(at + 1))
		if len(content) > 0 {
			changed := append([]byte(nil), content...)
			changed[at%len(changed)] ^= by
			if sign.VerifyHMAC(key, mac, changed) == nil {
				t.Errorf("byte %d of the content can be changed", at%len(content))
			}
		}
		other := []byte(mac)
		other[at%len(other)] ^= by
		if sign.VerifyHMAC(key, string(other), content) == nil {
			t.Errorf("byte %d of the signature can be changed", at%len(other))
		}
	})
}

// FuzzRSA: a signature verifies, and does not if any byte of the content is changed.
func FuzzRSA(f *testing.F) {
	f.Add([]byte("POST /x\nc.t.{}"), 3, byte(1))
	f.Add([]byte(""), 0, byte(255))
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, content []byte, at int, by byte) {
		signature, err := sign.RSA(key, content)
		if err != nil || sign.VerifyRSA(&key.PublicKey, signature, content) != nil {
			t.Fatalf("%q: %v", content, err)
		}
		if by == 0 || len(content) == 0 {
			return
		}
		changed := append([]byte(nil), content...)
		changed[max(at, -(at+1))%len(changed)] ^= by
		if sign.VerifyRSA(&key.PublicKey, signature, changed) == nil {
			t.Errorf("byte %d of the content can be changed", at)
		}
	})
}

// FuzzRSASignature: a text that was not made with the key does not verify.
func FuzzRSASignature(f *testing.F) {
	for _, s := range []string{"", "AAAA", "%", "%zz", "====", "a b", "-_-_"} {
		f.Add(s)
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, signature string) {
		if sign.VerifyRSA(&key.PublicKey, signature, []byte("content")) == nil {
			t.Errorf("%q was accepted as a signature", signature)
		}
	})
}
