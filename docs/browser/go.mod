module github.com/specpay/specpay/docs/browser

go 1.26.0

require (
	github.com/chromedp/cdproto v0.159.2
	github.com/chromedp/chromedp v0.22.1
	github.com/specpay/specpay v0.0.0
)

require (
	github.com/go-json-experiment/json v0.0.0-20260820222146-c27c302e5fc3 // indirect
	github.com/shopspring/decimal v1.6.0 // indirect
)

replace github.com/specpay/specpay => ../..
