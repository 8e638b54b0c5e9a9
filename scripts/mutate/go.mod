module github.com/specpay/specpay/scripts/mutate

go 1.26.0
