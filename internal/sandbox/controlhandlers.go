package sandbox

import (
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// okBody is the response of a control call that returns nothing else.
type okBody struct {
	OK bool `json:"ok"`
}

func (s *Sandbox) controlPay(r *http.Request, raw []byte) (any, error) {
	if s.provider.Pay == nil {
		return nil, inputErrorf("%s has no buyer to simulate", s.provider.Name)
	}
	form := `{"id": "...", "outcome"?: "...", "method"?: "...", "amount"?: "100.00"}`
	in, err := Decode[struct {
		ID      string         `json:"id"`
		Outcome string         `json:"outcome"`
		Method  string         `json:"method"`
		Amount  jsontext.Value `json:"amount"`
	}](raw, form)
	if err != nil {
		return nil, err
	}
	if in.ID == "" {
		return nil, inputErrorf(`member "id" is missing or empty; the expected form is %s`, form)
	}
	amount, err := amountText(in.Amount)
	if err != nil {
		return nil, err
	}
	return s.provider.Pay(r.Context(), Payment{ID: in.ID, Outcome: in.Outcome, Method: in.Method, Amount: amount})
}

// amountText returns the text of a JSON number or string unchanged.
func amountText(v jsontext.Value) (string, error) {
	switch v.Kind() {
	case 0, 'n':
		return "", nil
	case '"', '0':
		return strings.Trim(string(v), `"`), nil
	}
	return "", inputErrorf(`member "amount" cannot be a JSON %s; use "100.00" or 100.00`, kindName(v.Kind()))
}

func (s *Sandbox) controlFail(_ *http.Request, raw []byte) (any, error) {
	in, err := Decode[struct {
		Code      string `json:"code"`
		Operation string `json:"operation"`
		Times     int    `json:"times"`
	}](raw, `{"code": "...", "operation"?: "...", "times"?: 1}`)
	if err != nil {
		return nil, err
	}
	return okBody{true}, s.fail(Scenario{Name: in.Code, Operation: in.Operation, Times: in.Times})
}

func (s *Sandbox) controlFault(_ *http.Request, raw []byte) (any, error) {
	in, err := Decode[struct {
		Kind      string `json:"kind"`
		Operation string `json:"operation"`
		Times     int    `json:"times"`
		Status    int    `json:"status"`
	}](raw, `{"kind": "...", "operation"?: "...", "times"?: 1, "status"?: 502}`)
	if err != nil {
		return nil, err
	}
	return okBody{true}, s.fault(Scenario{Name: in.Kind, Operation: in.Operation, Times: in.Times, Status: in.Status})
}

func (s *Sandbox) controlClock(_ *http.Request, raw []byte) (any, error) {
	form := `{"advance": "10m"}`
	in, err := Decode[struct {
		Advance string `json:"advance"`
	}](raw, form)
	if err != nil {
		return nil, err
	}
	d, err := time.ParseDuration(in.Advance)
	if err != nil {
		return nil, inputErrorf(`member "advance" is %q, which is not a duration; the expected form is %s`, in.Advance, form)
	}
	if err := s.advance(d); err != nil {
		return nil, err
	}
	return s.clockView(), nil
}

func (s *Sandbox) clockView() any {
	return struct {
		Now time.Time `json:"now"`
	}{s.clock.Now()}
}

func (s *Sandbox) controlConfig(_ *http.Request, raw []byte) (any, error) {
	if s.provider.Config == nil {
		return nil, inputErrorf("%s has no config", s.provider.Name)
	}
	if err := s.provider.Config.Merge(raw); err != nil {
		return nil, err
	}
	return s.provider.Config.Show(), nil
}

func (s *Sandbox) configView() any {
	if s.provider.Config == nil {
		return struct{}{}
	}
	return s.provider.Config.Show()
}

func (s *Sandbox) controlReset(_ *http.Request, raw []byte) (any, error) {
	if _, err := Decode[struct{}](raw, "{}"); err != nil {
		return nil, err
	}
	s.Reset()
	return okBody{true}, nil
}
