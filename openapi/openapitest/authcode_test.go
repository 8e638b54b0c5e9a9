package openapitest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/openapi/openapitest"
)

func chargeBody(request, token string) string {
	return `{"productCode":"1","paymentRequestId":"` + request + `","accessToken":"` + token + `","paymentAmount":{"currency":"EUR","value":"990"}}`
}

func prepareBody(extend string) string {
	return `{"referenceClientId":"2022091495540562874","scopes":"AGREEMENT_PAY","extendInfo":"` + strings.ReplaceAll(extend, `"`, `\"`) + `"}`
}

func codeBody(code string) string {
	return `{"grantType":"AUTHORIZATION_CODE","authCode":"` + code + `"}`
}

func refreshBody(token string) string {
	return `{"grantType":"REFRESH_TOKEN","refreshToken":"` + token + `"}`
}

func TestAgreement(t *testing.T) {
	s := open(t, openapitest.WithTime(time.Date(2024, 1, 10, 12, 0, 0, 0, time.UTC)))
	var received []string
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, 1024)
		n, _ := r.Body.Read(body)
		received = append(received, string(body[:n]))
		_, _ = w.Write([]byte(`{"result":{"resultStatus":"S"}}`))
	}))
	defer shop.Close()
	s.want(s.call("authorizations/prepare", strings.Replace(prepareBody(""), "2022091495540562874", "7", 1)), "F INVALID_AUTH_CLIENT")
	s.want(s.call("authorizations/prepare", strings.Replace(prepareBody(""), "AGREEMENT_PAY", "auth_base", 1)), "F INVALID_SCOPE")
	s.want(s.call("authorizations/prepare", prepareBody("{")), "F PARAM_ILLEGAL")
	s.want(s.call("authorizations/prepare", prepareBody(`{"contractStatusNotifyUrl":"`+shop.URL+`/contract"}`)), ok)
	code, err := s.srv.Contract("VALID")
	if err != nil {
		t.Fatal(err)
	}
	token := s.want(s.call("authorizations/applyToken", codeBody(code)), ok)
	s.want(s.call("authorizations/applyToken", codeBody(code)), "F USED_CODE")
	s.want(s.call("payments/pay", chargeBody("p1", token.text("accessToken"))), ok)
	s.advance(time.Hour)
	s.want(s.call("payments/pay", chargeBody("p2", token.text("accessToken"))), "F EXPIRED_ACCESS_TOKEN")
	next := s.want(s.call("authorizations/applyToken", refreshBody(token.text("refreshToken"))), ok)
	s.want(s.call("authorizations/applyToken", refreshBody(token.text("refreshToken"))), "F INVALID_REFRESH_TOKEN")
	s.want(s.call("payments/pay", chargeBody("p2", next.text("accessToken"))), "F REPEAT_REQ_INCONSISTENT") // the failure is final for this request ID
	s.want(s.call("payments/pay", chargeBody("p3", next.text("accessToken"))), ok)
	if _, err := s.srv.Contract("INVALID"); err != nil {
		t.Fatal(err)
	}
	s.want(s.call("payments/pay", chargeBody("p4", next.text("accessToken"))), "F INVALID_ACCESS_TOKEN")
	s.want(s.call("authorizations/applyToken", refreshBody(next.text("refreshToken"))), "F INVALID_REFRESH_TOKEN")
	if len(received) != 2 {
		t.Fatalf("notifications: got %d, want 2", len(received))
	}
	if !strings.Contains(received[0], `"VALID"`) {
		t.Error("the first notification does not contain the status VALID")
	}
	for name, want := range map[string]string{"status INVALID": `"INVALID"`, "refreshed access token": next.text("accessToken"), "time of the change": `"modifyTime":"1704891600"`} {
		if !strings.Contains(received[1], want) {
			t.Errorf("the second notification does not contain the %s", name)
		}
	}
}

func TestCodesAndTokens(t *testing.T) {
	s := open(t)
	login := s.srv.AuthCode()
	token := s.want(s.call("authorizations/applyToken", codeBody(login)), ok)
	if got := token.text("customerId"); got != s.srv.CustomerID() {
		t.Errorf("customerId: got %s, want %s", got, s.srv.CustomerID())
	}
	s.want(s.call("payments/pay", chargeBody("p1", token.text("accessToken"))), "F INSUFFICIENT_SCOPE")
	s.want(s.call("payments/pay", chargeBody("p2", "nothing")), "F INVALID_ACCESS_TOKEN")
	s.want(s.call("authorizations/applyToken", codeBody("nothing")), "F INVALID_CODE")
	s.want(s.call("authorizations/applyToken", refreshBody("nothing")), "F INVALID_REFRESH_TOKEN")
	s.want(s.call("authorizations/applyToken", `{"grantType":"PASSWORD"}`), "F AUTH_CLIENT_UNSUPPORTED_GRANT_TYPE")
	s.want(s.call("authorizations/applyToken", `{"grantType":"REFRESH_TOKEN"}`), "F MISSING_REQUIRED_PARAM")
	s.want(s.call("authorizations/applyToken", `{"grantType":"REFRESH_TOKEN","refreshToken":"x","referenceClientId":"7"}`), "F INVALID_AUTH_CLIENT")
	late := s.srv.AuthCode()
	s.advance(5 * time.Minute)
	s.want(s.call("authorizations/applyToken", codeBody(late)), "F EXPIRED_CODE")
	s.advance(720 * time.Hour)
	s.want(s.call("authorizations/applyToken", refreshBody(token.text("refreshToken"))), "F EXPIRED_REFRESH_TOKEN")
}

func TestMessages(t *testing.T) {
	s := open(t)
	message := func(request, to, title string) string {
		return `{"requestId":"` + request + `","targetUserId":"` + to + `","title":"` + title + `","content":"c"}`
	}
	user := s.srv.CustomerID()
	first := s.want(s.call("messages/sendPush", message("m1", user, "t")), ok)
	if got, want := s.call("messages/sendPush", message("m1", user, "t")).text("messageId"), first.text("messageId"); got != want {
		t.Errorf("same message again: messageId: got %q, want %q", got, want)
	}
	s.want(s.call("messages/sendPush", message("m1", user, "u")), "F REPEAT_REQ_INCONSISTENT")
	s.want(s.call("messages/sendPush", message("m2", "7", "t")), "F USER_NOT_EXIST")
	s.want(s.call("messages/sendPush", message("m3", user, strings.Repeat("ü", 65))), "F PARAM_ILLEGAL")
	s.want(s.call("messages/sendInbox", message("m3", user, strings.Repeat("ü", 128))), ok)
	s.config(func(c *openapitest.Config) { c.Subscribed, c.Messages = false, "queued" })
	s.want(s.call("messages/sendPush", message("m4", user, "t")), "F USER_NOT_SUBSCRIBED")
	queued := s.want(s.call("messages/sendInbox", message("m5", user, "t")), "U SENDING")
	if queued.text("messageId") == "" {
		t.Error("queued message: messageId is empty")
	}
	if got, want := s.call("messages/sendInbox", message("m5", user, "t")).text("messageId"), queued.text("messageId"); got != want {
		t.Errorf("queued message again: messageId: got %q, want %q", got, want)
	}
	s.want(s.call("messages/sendInbox", message("m5", user, "u")), "F REPEAT_REQ_INCONSISTENT")
	if s.ledger() != "message.pushed, message.kept, message.kept" {
		t.Errorf("ledger: %s", s.ledger())
	}
}

func TestTokensAreBounded(t *testing.T) {
	s := open(t, openapitest.WithHistory(10))
	first := s.srv.AuthCode()
	for range 30 {
		s.want(s.call("authorizations/applyToken", codeBody(s.srv.AuthCode())), "S SUCCESS")
	}
	s.want(s.call("authorizations/applyToken", codeBody(first)), "F INVALID_CODE")
	for _, list := range []string{"tokens", "auth_codes"} {
		if n := s.srv.Dropped()[list]; n < 20 {
			t.Errorf("Dropped: got %d %s, want at least 20 of 30", n, list)
		}
	}
}
