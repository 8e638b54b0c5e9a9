package specpay_test

import (
	"os"
	"strings"
	"testing"

	"github.com/specpay/specpay/internal/contract/specmodel"
)

// TestOutcomesPageMatchesSpecs compares the table of docs/outcomes.md with x-inquiry
// in the specs.
func TestOutcomesPageMatchesSpecs(t *testing.T) {
	page, err := os.ReadFile("docs/outcomes.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, line := range strings.Split(strings.ToLower(string(page)), "\n") {
		if strings.HasPrefix(line, "| ") {
			rows = append(rows, line)
		}
	}
	found := 0
	for _, provider := range []string{"qpay", "openapi", "xpay", "gateway"} {
		for id, op := range specmodel.Operations(t, "specs/"+provider+".yaml") {
			want := "| `" + strings.ToLower(op.Inquiry) + "` |"
			switch op.Inquiry {
			case "":
				continue
			case specmodel.NoInquiry:
				want = "| nothing"
			}
			matches := 0
			for _, row := range rows {
				cells := strings.Split(row, "|")
				if strings.HasPrefix(row, "| "+provider+" ") && strings.Contains(cells[1], "`"+strings.ToLower(id)+"`") && strings.Contains(row, want) {
					matches++
				}
			}
			if matches != 1 {
				t.Errorf("docs/outcomes.md has %d rows for %s of %s that ask %s, want 1", matches, id, provider, op.Inquiry)
			}
			found++
		}
	}
	if found < 10 {
		t.Errorf("only %d operations with x-inquiry were found", found)
	}
}
