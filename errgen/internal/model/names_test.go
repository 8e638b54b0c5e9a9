package model

import "testing"

// The expected names are those of oapi-codegen v2.8.2 with the additional initialisms QR and VAT.
func TestNamerAgreesWithOapiCodegen(t *testing.T) {
	for _, test := range []struct{ normalizer, in, want string }{
		{"", "invoice_id", "InvoiceId"},
		{"", "getHttpPet", "GetHttpPet"},
		{"", "OneOf2things", "OneOf2things"},
		{"", " a~b c ", "ABC"},
		{"ToCamelCaseWithDigits", "OneOf2things", "OneOf2Things"},
		{"ToCamelCaseWithDigits", "a/b", "AB"},
		{"ToCamelCaseWithInitialisms", "getHttpPet", "GetHTTPPet"},
		{"ToCamelCaseWithInitialisms", "qr_url_vat", "QRURLVAT"},
		{"ToCamelCaseWithInitialisms", "e2e_id", "E2EId"},
		{"ToCamelCaseWithInitialisms", "InvoiceID", "InvoiceID"},
		{"ToCamelCaseWithInitialisms", "-minus", "MinusMinus"},
		{"ToCamelCaseWithInitialisms", "9lives", "N9Lives"},
		{"ToCamelCaseWithInitialisms", "$", "DollarSign"},
		{"ToCamelCaseWithInitialisms", "_x", "UnderscoreX"},
		{"ToCamelCaseWithInitialisms", "", "Empty"},
	} {
		var more []string
		if test.normalizer == "ToCamelCaseWithInitialisms" {
			more = []string{"QR", "VAT"}
		}
		n, err := NewNamer(test.normalizer, more)
		if err != nil {
			t.Fatal(err)
		}
		if got := n.Schema(test.in); got != test.want {
			t.Errorf("%s: Schema(%q) = %s, want %s", test.normalizer, test.in, got, test.want)
		}
	}
}

func TestNamerSplitsUpperCase(t *testing.T) {
	n, err := NewNamer("ToCamelCaseWithInitialisms", nil)
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"AUTHENTICATION_FAILED": "AuthenticationFailed",
		"INVALID_ID":            "InvalidID",
		"P2P_TERMINAL":          "P2PTerminal",
		"TypeError":             "TypeError",
		"card.declined-now":     "CardDeclinedNow",
		"支付":                    "",
	} {
		if got := n.Code(in); got != want {
			t.Errorf("Code(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestNamerRejectsWhatOapiCodegenRejects(t *testing.T) {
	if _, err := NewNamer("camelCase", nil); err == nil {
		t.Error("an unknown normalizer was accepted")
	}
	if _, err := NewNamer("ToCamelCase", []string{"QR"}); err == nil {
		t.Error("initialisms were accepted without the normalizer that uses them")
	}
}

func TestSuggest(t *testing.T) {
	known := []string{"description", "resolution"}
	if got := suggest("descripton", known); got != `; did you mean "description"?` {
		t.Error(got)
	}
	if got := suggest("colour", known); got != "; it may have description, resolution" {
		t.Error(got)
	}
}
