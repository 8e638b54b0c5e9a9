package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/specpay/specpay/errgen/internal/load"
	"github.com/specpay/specpay/errgen/internal/model"
)

// readNames takes the two settings about names from a config of oapi-codegen. The rest of that file is not ours to check.
func readNames(file string) (model.Namer, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return model.Namer{}, usagef("the names config cannot be read: %v", err)
	}
	root, err := load.Parse(&load.File{Name: filepath.ToSlash(file), Path: filepath.Base(file)}, data)
	if err != nil {
		return model.Namer{}, err
	}
	options := root.Get("output-options")
	var words []string
	if list := options.Get("additional-initialisms"); list != nil {
		if list.Kind != load.List {
			return model.Namer{}, usagef("%s: additional-initialisms must be a list, not %s", list.Pos(), list.Describe())
		}
		for _, n := range list.Items {
			if !n.IsString() {
				return model.Namer{}, usagef("%s: an initialism must be a text, not %s", n.Pos(), n.Describe())
			}
			words = append(words, n.Value)
		}
	}
	namer, err := model.NewNamer(options.Get("name-normalizer").Text(), words)
	if err != nil {
		return model.Namer{}, fmt.Errorf("%s: %w", filepath.ToSlash(file), err)
	}
	return namer, nil
}
