package qpaytest

// bank is a bank whose application opens a QR code.
type bank struct{ name, description, slug string }

// banks returns the sixteen banks that QPay's sandbox was seen to return. The URL
// schemes of all but the first are guesses.
func banks() []bank {
	return []bank{
		{"Khan bank", "Хаан банк", "khanbank"},
		{"State bank", "Төрийн банк", "statebank"},
		{"Xac bank", "Хас банк", "xacbank"},
		{"Trade and Development bank", "Худалдаа хөгжлийн банк", "tdbbank"},
		{"Golomt bank", "Голомт банк", "golomtbank"},
		{"National investment bank", "Үндэсний хөрөнгө оруулалтын банк", "nibank"},
		{"Chinggis khaan bank", "Чингис хаан банк", "ckbank"},
		{"Capitron bank", "Капитрон банк", "capitronbank"},
		{"Bogd bank", "Богд банк", "bogdbank"},
		{"Trans bank", "Тээвэр хөгжлийн банк", "transbank"},
		{"Arig bank", "Ариг банк", "arigbank"},
		{"Credit bank", "Кредит банк", "creditbank"},
		{"M bank", "М банк", "mbank"},
		{"Capital bank", "Капитал банк", "capitalbank"},
		{"Mobi finance", "Мобифинанс", "mobifinance"},
		{"Invescore", "Инвескор", "invescore"},
	}
}

func bankLinks(qrText string) []object {
	links := make([]object, 0, 16)
	for _, b := range banks() {
		links = append(links, object{
			{"name", b.name},
			{"description", b.description},
			{"logo", "https://qpay.mn/q/logo/" + b.slug + ".png"},
			{"link", b.slug + "://q?qPay_QRcode=" + qrText},
		})
	}
	return links
}
