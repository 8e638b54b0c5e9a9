package sqlstore_test

func child(string) error { return nil }
