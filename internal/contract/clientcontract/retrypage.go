package clientcontract

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/specpay/specpay/apierr"
	"github.com/specpay/specpay/internal/contract/specmodel"
)

// retryCell is one cell of docs/retries.md.
type retryCell struct {
	Attempts int
	Outcome  apierr.Outcome
	Category apierr.Category
	Advice   apierr.Advice
}

// retryRow is one line of its tables.
type retryRow struct {
	status string
	codes  []string // nil for a response without a known code
	stated bool     // the body states a failure beside a code that is not in the catalog
	cells  map[string]retryCell
}

// retryPage is what the page says about one provider.
type retryPage struct {
	statuses []int
	shared   []retryRow               // for all providers
	rows     []retryRow               // for this one
	unknown  map[string]apierr.Advice // by operation, when the outcome is unknown
}

// perOperation is the advice in a cell that refers to the table of operations.
const perOperation apierr.Advice = "see operations"

// readRetryPage reads the tables of a provider from docs/retries.md, beside the folder of its spec.
func readRetryPage(t *testing.T, spec string) *retryPage {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(filepath.Dir(spec), "..", "docs", "retries.md"))
	if err != nil {
		t.Fatal(err)
	}
	provider := strings.TrimSuffix(filepath.Base(spec), filepath.Ext(spec))
	table := &retryPage{unknown: map[string]apierr.Advice{}}
	section, header := "", []string(nil)
	for _, line := range strings.Split(string(page), "\n") {
		if title, ok := strings.CutPrefix(line, "## "); ok {
			section = title
		}
		if !strings.HasPrefix(line, "|") {
			header = nil
			continue
		}
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		switch {
		case header == nil:
			header = cells
		case strings.HasPrefix(line, "|---"):
		case header[0] == "Operation":
			if section == provider {
				table.unknown[cells[0]] = apierr.Advice(cells[2])
			}
		case header[1] != "Code":
			table.shared = append(table.shared, readRetryRow(t, header, cells))
		case section == provider:
			table.rows = append(table.rows, readRetryRow(t, header, cells))
		}
	}
	for _, row := range table.shared {
		status, err := strconv.Atoi(row.status)
		if err != nil {
			t.Fatalf("docs/retries.md: the status %q of the shared table is not a number", row.status)
		}
		table.statuses = append(table.statuses, status)
	}
	if len(table.statuses) == 0 || len(table.rows) == 0 || len(table.unknown) == 0 {
		t.Fatalf("docs/retries.md has no table for %s: %+v", provider, table)
	}
	return table
}

var backticked = regexp.MustCompile("`([^`]+)`")

func readRetryRow(t *testing.T, header, cells []string) retryRow {
	t.Helper()
	row := retryRow{status: cells[0], cells: map[string]retryCell{}}
	if len(cells) != len(header) {
		t.Fatalf("docs/retries.md: %d cells under %d columns: %v", len(cells), len(header), cells)
	}
	for i, name := range header[1:] {
		text := cells[i+1]
		switch {
		case name != "Code":
			row.cells[name] = readRetryCell(t, text)
		case strings.HasPrefix(text, "`"):
			for _, entry := range strings.Split(text, ", ") {
				row.codes = append(row.codes, backticked.FindStringSubmatch(entry)[1])
			}
		default:
			row.stated = strings.HasPrefix(text, "not in the catalog")
		}
	}
	return row
}

func readRetryCell(t *testing.T, text string) retryCell {
	t.Helper()
	words := strings.Split(text, ", ")
	if len(words) != 4 {
		t.Fatalf("docs/retries.md: the cell %q is not attempts, outcome, category and advice", text)
	}
	attempts, err := strconv.Atoi(words[0])
	if err != nil {
		t.Fatalf("docs/retries.md: the attempts of the cell %q are not a number", text)
	}
	return retryCell{attempts, apierr.Outcome(words[1]), apierr.Category(words[2]), apierr.Advice(words[3])}
}

// at returns the codes that are documented with a status.
func (r *retryPage) at(status int) []string {
	var codes []string
	for _, row := range r.rows {
		if row.status == strconv.Itoa(status) {
			codes = append(codes, row.codes...)
		}
	}
	return codes
}

// has reports whether the page lists a code.
func (r *retryPage) has(code string) bool {
	return slices.ContainsFunc(r.rows, func(row retryRow) bool { return slices.Contains(row.codes, code) })
}

// withoutStatus returns the codes that are documented with none of the statuses.
func (r *retryPage) withoutStatus() []string {
	var codes []string
	for _, row := range r.rows {
		if row.status == otherStatus(400) {
			codes = append(codes, row.codes...)
		}
	}
	slices.Sort(codes)
	return codes
}

// otherStatus is the label of the rows of codes that are documented with none of the statuses.
func otherStatus(status int) string {
	if status == 408 || status >= 500 {
		return "408, 500 and above"
	}
	return "below 500, except 408"
}

// cell returns the cell of a response to an operation. code is "" when the body has none that is known; stated says
// that the body may state a failure all the same.
func (r *retryPage) cell(t *testing.T, op specmodel.Operation, status int, code string, stated bool) retryCell {
	t.Helper()
	row := r.find(status, code, stated)
	if row == nil {
		t.Fatalf("docs/retries.md has no row for status %d and code %q", status, code)
	}
	c, ok := row.cells[op.Class]
	if !ok {
		t.Fatalf("docs/retries.md has no column %s for status %d", op.Class, status)
	}
	if c.Advice == perOperation {
		if c.Advice, ok = r.unknown[op.ID]; !ok {
			t.Fatalf("docs/retries.md does not list the operation %s", op.ID)
		}
	}
	return c
}

func (r *retryPage) find(status int, code string, stated bool) *retryRow {
	for _, wanted := range []bool{stated, false} {
		for _, rows := range [][]retryRow{r.rows, r.shared} {
			for i, row := range rows {
				label := row.status == strconv.Itoa(status)
				switch {
				case code != "" && (label || row.status == otherStatus(status)) && slices.Contains(row.codes, code):
					return &rows[i]
				case code == "" && label && row.codes == nil && row.stated == wanted:
					return &rows[i]
				}
			}
			if wanted {
				break // the shared table has no such rows
			}
		}
	}
	return nil
}

func (c retryCell) String() string {
	return fmt.Sprintf("%d attempts, %s, %s, %s", c.Attempts, c.Outcome, string(c.Category), c.Advice)
}
