package drift

import "bytes"

// CompareData compares a recording that is not in a file.
func (s *Spec) CompareData(data []byte) (*Report, error) {
	c := s.comparison(nil)
	if err := c.read("data.har", bytes.NewReader(data)); err != nil {
		return nil, err
	}
	return c.report, c.choose()
}
