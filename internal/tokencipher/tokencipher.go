// Package tokencipher writes access tokens for a store, encrypted if the store has an
// encryption key. Modules with versions of their own import it, so its API does not
// change.
package tokencipher

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/specpay/specpay/pay"
)

// encryptedMark is the first byte of an encrypted token; an unencrypted one begins
// with {.
const encryptedMark = 1

// record is a token as it is stored, because pay.Token is redacted in JSON.
type record struct {
	Access         string    `json:"access"`
	Refresh        string    `json:"refresh"`
	Issued         time.Time `json:"issued"`
	Expires        time.Time `json:"expires"`
	RefreshExpires time.Time `json:"refresh_expires"`
}

// Cipher encrypts and decrypts tokens with AES-256-GCM. The zero Cipher does not
// encrypt.
type Cipher struct {
	ciphers []cipher.AEAD // the first one encrypts, all decrypt
}

// New returns a cipher that encrypts with the first key and decrypts with all. A key
// has 32 random bytes.
func New(keys ...[]byte) (Cipher, error) {
	var c Cipher
	for i, k := range keys {
		if len(k) != 32 {
			return Cipher{}, fmt.Errorf("encryption key %d has %d bytes; want 32", i+1, len(k))
		}
		block, err := aes.NewCipher(k)
		if err != nil {
			return Cipher{}, fmt.Errorf("encryption key %d: %w", i+1, err)
		}
		gcm, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return Cipher{}, fmt.Errorf("encryption key %d: %w", i+1, err)
		}
		c.ciphers = append(c.ciphers, gcm)
	}
	return c, nil
}

// Encode returns the stored form of a token. If it is encrypted, it is bound to name,
// under which the store keeps it.
func (c Cipher) Encode(name string, t pay.Token) ([]byte, error) {
	text, err := json.Marshal(record(t))
	if err != nil {
		return nil, errors.New("one of the token's times is after the year 9999") // without the error, which may contain more
	}
	if len(c.ciphers) == 0 {
		return text, nil
	}
	return c.ciphers[0].Seal([]byte{encryptedMark}, nil, text, []byte(name)), nil //nolint:gosec // the cipher generates the nonce
}

// Decode returns the token of a stored form, and the zero Token for an empty one.
func (c Cipher) Decode(name string, value []byte) (pay.Token, error) {
	if len(value) == 0 {
		return pay.Token{}, nil
	}
	text, err := c.decrypt(name, value)
	if err != nil {
		return pay.Token{}, err
	}
	var r record
	if json.Unmarshal(text, &r) != nil { // without the error, which may contain a part of the text
		return pay.Token{}, errors.New("the stored value is not a token")
	}
	return pay.Token(r), nil
}

// decrypt returns the text of a value, with any of the encryption keys.
func (c Cipher) decrypt(name string, value []byte) ([]byte, error) {
	switch encrypted := value[0] == encryptedMark; {
	case encrypted && len(c.ciphers) == 0:
		return nil, errors.New("the token is encrypted and this store has no encryption key; want the option WithTokenKey")
	case !encrypted && len(c.ciphers) > 0:
		return nil, errors.New("the token is not encrypted and this store has an encryption key; want an encrypted token")
	case !encrypted:
		return value, nil
	}
	for _, gcm := range c.ciphers {
		if text, err := gcm.Open(nil, nil, value[1:], []byte(name)); err == nil {
			return text, nil
		}
	}
	return nil, errors.New("the token cannot be decrypted with any of the encryption keys: it is damaged or was encrypted with another one")
}
