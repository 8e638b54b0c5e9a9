package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/specpay/specpay/errgen/internal/load"
	"github.com/specpay/specpay/errgen/internal/model"
)

func TestDraftThatLintRejectsIsABug(t *testing.T) {
	src := load.Source{Name: "pets.yaml", Data: []byte("openapi: 3.0.3\ncomponents: {schemas: {Code: {type: string}}}\n")}
	var out bytes.Buffer
	a := &app{out: &out, err: &out}
	ok, err := a.accepted(src, model.Namer{}, []byte("/components/schemas/Code: {x-error-catalog: {id: pets, codes: {}}}\n"))
	if ok || err != nil || !strings.Contains(out.String(), "bug in errgen") || !strings.Contains(out.String(), "EG004") {
		t.Errorf("%v, %v, %s", ok, err, out.String())
	}
}
