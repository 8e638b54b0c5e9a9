package jsonscan_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/specpay/specpay/internal/jsonscan"
)

// valid checks a document in two pieces.
func valid(doc string, cut int) bool {
	var v jsonscan.Validator
	return v.Add([]byte(doc[:cut])) && v.Add([]byte(doc[cut:])) && v.Complete()
}

var documents = []string{
	"", " ", "0", "-0", "-", "01", "1.", "1.5e+3", "1e", "1e+", ".5", "+1", "true", "tru", "truex", "false", "null", "nul", `""`, `"a`, `"\u12aF"`, `"\u12g0"`, `"\x"`, "\"\n\"", "\"\xff\"",
	"{}", "[]", "[1,]", "[,1]", "[1 2]", `{"a":1}`, `{"a" 1}`, `{"a":}`, `{"a":1,}`, `{,}`, `{1:2}`, `{"a":1,"b":[{},[],null,-0.5E-7,"\"\\\/\b\f\n\r\t"]}`, "{]", "[}", "]", "1 ", " 1\t\r\n", "1 2", `{"a":{"b":[1,{"c":"d"}]}}`,
	"\ufeff1", "<html>", "\v1", strings.Repeat("[", 10000) + strings.Repeat("]", 10000), strings.Repeat("[", 10001) + strings.Repeat("]", 10001),
}

func TestValidatorAgreesWithEncodingJSON(t *testing.T) {
	for _, doc := range documents {
		for cut := 0; cut <= len(doc); cut += 1 + len(doc)/50 {
			if got, want := valid(doc, cut), json.Valid([]byte(doc)); got != want {
				t.Errorf("%.60q, cut at %d: got %v, want %v", doc, cut, got, want)
			}
		}
	}
	const bytes = `{}[]",:0123456789.-+eE \/u` + "truefalsn\n\x00"
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		doc := []byte(documents[rnd.IntN(len(documents)-2)])
		for range 1 + rnd.IntN(2) {
			if len(doc) > 0 {
				doc[rnd.IntN(len(doc))] = bytes[rnd.IntN(len(bytes))]
			}
		}
		if got, want := valid(string(doc), rnd.IntN(len(doc)+1)), json.Valid(doc); got != want {
			t.Errorf("%q: got %v, want %v", doc, got, want)
		}
	}
}

func FuzzValidator(f *testing.F) {
	for _, doc := range documents[:len(documents)-2] {
		f.Add(doc, uint8(1))
	}
	f.Fuzz(func(t *testing.T, doc string, cut uint8) {
		if got, want := valid(doc, min(int(cut), len(doc))), json.Valid([]byte(doc)); got != want {
			t.Errorf("%q: got %v, want %v", doc, got, want)
		}
	})
}
