package model

import "strings"

// listed records for each code the operations that list it.
func (b *builder) listed() {
	for _, op := range b.spec.Operations {
		for _, list := range op.Lists {
			for _, t := range list.Codes {
				code := b.spec.Listed(t.Value)
				if code == nil {
					continue
				}
				// The lists of an operation are consecutive, so its name can only be the last one.
				if n := len(code.Operations); n == 0 || code.Operations[n-1] != op.Name() {
					code.Operations = append(code.Operations, op.Name())
				}
			}
		}
	}
}

// FindCode returns the code with this wire value from the first catalog that has it, or nil.
func (s *Spec) FindCode(value string) *Code {
	for _, c := range s.Catalogs {
		if code := c.Find(value); code != nil {
			return code
		}
	}
	return nil
}

// Listed returns the code that an entry of x-error-codes names, or nil. An entry is a code, of the first catalog
// that has it, or catalogId:CODE.
func (s *Spec) Listed(entry string) *Code {
	if code := s.FindCode(entry); code != nil {
		return code
	}
	id, value, ok := strings.Cut(entry, ":")
	if c := s.CatalogByID(id); ok && c != nil {
		return c.Find(value)
	}
	return nil
}

// ListName returns the shortest entry of x-error-codes for the code.
func (s *Spec) ListName(code *Code) string {
	if s.FindCode(code.Value) == code {
		return code.Value
	}
	return code.Catalog.ID.Value + ":" + code.Value
}

// CatalogByID returns the first catalog with this id, or nil.
func (s *Spec) CatalogByID(id string) *Catalog {
	for _, c := range s.Catalogs {
		if c.ID.Value == id {
			return c
		}
	}
	return nil
}
