package openapitest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/specpay/specpay/openapi/openapitest"
)

func charge(request, token string) string {
	return `{"productCode":"1","paymentRequestId":"` + request + `","accessToken":"` + token + `","paymentAmount":{"currency":"EUR","value":"990"}}`
}

func prepare(extend string) string {
	return `{"referenceClientId":"2022091495540562874","scopes":"AGREEMENT_PAY","extendInfo":"` + strings.ReplaceAll(extend, `"`, `\"`) + `"}`
}

func byCode(code string) string {
	return `{"grantType":"AUTHORIZATION_CODE","authCode":"` + code + `"}`
}

func byRefresh(token string) string {
	return `{"grantType":"REFRESH_TOKEN","refreshToken":"` + token + `"}`
}

func TestAgreement(t *testing.T) {
	s := open(t, openapitest.WithTime(time.Date(2024, 1, 10, 12, 0, 0, 0, time.UTC)))
	var told []string
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, 1024)
		n, _ := r.Body.Read(body)
		told = append(told, string(body[:n]))
		_, _ = w.Write([]byte(`{"result":{"resultStatus":"S"}}`))
	}))
	defer shop.Close()
	s.want(s.call("authorizations/prepare", strings.Replace(prepare(""), "2022091495540562874", "7", 1)), "F INVALID_AUTH_CLIENT")
	s.want(s.call("authorizations/prepare", strings.Replace(prepare(""), "AGREEMENT_PAY", "auth_base", 1)), "F INVALID_SCOPE")
	s.want(s.call("authorizations/prepare", prepare("{")), "F PARAM_ILLEGAL")
	s.want(s.call("authorizations/prepare", prepare(`{"contractStatusNotifyUrl":"`+shop.URL+`/contract"}`)), ok)
	code, err := s.srv.Contract("VALID")
	if err != nil {
		t.Fatal(err)
	}
	token := s.want(s.call("authorizations/applyToken", byCode(code)), ok)
	s.want(s.call("authorizations/applyToken", byCode(code)), "F USED_CODE")
	s.want(s.call("payments/pay", charge("p1", token.text("accessToken"))), ok)
	s.advance(time.Hour)
	s.want(s.call("payments/pay", charge("p2", token.text("accessToken"))), "F EXPIRED_ACCESS_TOKEN")
	next := s.want(s.call("authorizations/applyToken", byRefresh(token.text("refreshToken"))), ok)
	s.want(s.call("authorizations/applyToken", byRefresh(token.text("refreshToken"))), "F INVALID_REFRESH_TOKEN")
	s.want(s.call("payments/pay", charge("p2", next.text("accessToken"))), "F REPEAT_REQ_INCONSISTENT") // a failed id is spent
	s.want(s.call("payments/pay", charge("p3", next.text("accessToken"))), ok)
	if _, err := s.srv.Contract("INVALID"); err != nil {
		t.Fatal(err)
	}
	s.want(s.call("payments/pay", charge("p4", next.text("accessToken"))), "F INVALID_ACCESS_TOKEN")
	s.want(s.call("authorizations/applyToken", byRefresh(next.text("refreshToken"))), "F INVALID_REFRESH_TOKEN")
	if len(told) != 2 || !strings.Contains(told[0], `"VALID"`) || !strings.Contains(told[1], `"INVALID"`) ||
		!strings.Contains(told[1], next.text("accessToken")) || !strings.Contains(told[1], `"modifyTime":"1704891600"`) {
		t.Errorf("told %q", told)
	}
}

func TestCodesAndTokens(t *testing.T) {
	s := open(t)
	login, err := s.srv.AuthCode()
	if err != nil {
		t.Fatal(err)
	}
	token := s.want(s.call("authorizations/applyToken", byCode(login)), ok)
	if token.text("customerId") != s.srv.CustomerID() {
		t.Errorf("%s", token.raw)
	}
	s.want(s.call("payments/pay", charge("p1", token.text("accessToken"))), "F INSUFFICIENT_SCOPE")
	s.want(s.call("payments/pay", charge("p2", "nothing")), "F INVALID_ACCESS_TOKEN")
	s.want(s.call("authorizations/applyToken", byCode("nothing")), "F INVALID_CODE")
	s.want(s.call("authorizations/applyToken", byRefresh("nothing")), "F INVALID_REFRESH_TOKEN")
	s.want(s.call("authorizations/applyToken", `{"grantType":"PASSWORD"}`), "F AUTH_CLIENT_UNSUPPORTED_GRANT_TYPE")
	s.want(s.call("authorizations/applyToken", `{"grantType":"REFRESH_TOKEN"}`), "F MISSING_REQUIRED_PARAM")
	s.want(s.call("authorizations/applyToken", `{"grantType":"REFRESH_TOKEN","refreshToken":"x","referenceClientId":"7"}`), "F INVALID_AUTH_CLIENT")
	late, err := s.srv.AuthCode()
	if err != nil {
		t.Fatal(err)
	}
	s.advance(5 * time.Minute)
	s.want(s.call("authorizations/applyToken", byCode(late)), "F EXPIRED_CODE")
	s.advance(720 * time.Hour)
	s.want(s.call("authorizations/applyToken", byRefresh(token.text("refreshToken"))), "F EXPIRED_REFRESH_TOKEN")
}

func TestMessages(t *testing.T) {
	s := open(t)
	message := func(request, to, title string) string {
		return `{"requestId":"` + request + `","targetUserId":"` + to + `","title":"` + title + `","content":"c"}`
	}
	user := s.srv.CustomerID()
	first := s.want(s.call("messages/sendPush", message("m1", user, "t")), ok)
	if again := s.call("messages/sendPush", message("m1", user, "t")); again.text("messageId") != first.text("messageId") {
		t.Errorf("%s\n%s", first.raw, again.raw)
	}
	s.want(s.call("messages/sendPush", message("m1", user, "u")), "F REPEAT_REQ_INCONSISTENT")
	s.want(s.call("messages/sendPush", message("m2", "7", "t")), "F USER_NOT_EXIST")
	s.want(s.call("messages/sendPush", message("m3", user, strings.Repeat("ü", 65))), "F PARAM_ILLEGAL")
	s.want(s.call("messages/sendInbox", message("m3", user, strings.Repeat("ü", 128))), ok)
	s.config(func(c *openapitest.Config) { c.Subscribed, c.Messages = false, "queued" })
	s.want(s.call("messages/sendPush", message("m4", user, "t")), "F USER_NOT_SUBSCRIBED")
	queued := s.want(s.call("messages/sendInbox", message("m5", user, "t")), "U SENDING")
	if again := s.call("messages/sendInbox", message("m5", user, "t")); again.text("messageId") != queued.text("messageId") || queued.text("messageId") == "" {
		t.Errorf("%s\n%s", queued.raw, again.raw)
	}
	s.want(s.call("messages/sendInbox", message("m5", user, "u")), "F REPEAT_REQ_INCONSISTENT")
	if s.ledger() != "message.pushed, message.kept, message.kept" {
		t.Errorf("ledger: %s", s.ledger())
	}
}
