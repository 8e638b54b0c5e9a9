package cli

import (
	"net/url"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/specpay/specpay/errgen/internal/docgen"
	"github.com/specpay/specpay/errgen/internal/load"
)

// index is the page that lists the codes of all specs. The zero value is none.
type index struct {
	place, title   string
	source         string // name of the config in generated files
	html, markdown string // relative to the config at first, from jobs on to the working directory
}

func readIndex(n *load.Node, source string) (index, error) {
	if n == nil {
		return index{}, nil
	}
	x := index{place: n.Pos().String(), title: "Error codes", source: source}
	err := members(n, "the index", map[string]any{"title": &x.title, "html": &x.html, "markdown": &x.markdown})
	if err != nil {
		return index{}, err
	}
	x.title = strings.Join(strings.Fields(x.title), " ")
	switch {
	case x.html == "" && x.markdown == "":
		return index{}, usagef("%s: the index has no output; set html or markdown", x.place)
	case x.title == "":
		return index{}, usagef("%s: the title of the index is empty; write one, or remove it", x.place)
	case strings.ContainsFunc(x.html+x.markdown+x.title, unicode.IsControl):
		return index{}, usagef("%s: the index contains a control character; remove it", x.place)
	}
	return x, nil
}

// link connects the index with the pages of the jobs. owner maps the files that are taken.
func (c *config) link(jobs []job, owner map[string]string) (index, error) {
	x := c.index
	x.html, x.markdown = c.output(x.html), c.output(x.markdown)
	for _, name := range []string{x.html, x.markdown} {
		if other, ok := owner[name]; ok && name != "" {
			return x, usagef("%s: the index %s is also %s; every output needs its own file", x.place, filepath.ToSlash(name), other)
		}
		owner[name] = "an output of the index"
	}
	for i := range jobs {
		opt := &jobs[i].opt
		toHTML, fromHTML, err := x.between("html", x.html, opt.HTML, opt.Label)
		if err != nil {
			return x, err
		}
		toMarkdown, fromMarkdown, err := x.between("markdown", x.markdown, opt.Markdown, opt.Label)
		if err != nil {
			return x, err
		}
		jobs[i].part = docgen.Part{Label: opt.Label, HTML: toHTML, Markdown: toMarkdown}
		opt.Home.Title, opt.Home.HTML, opt.Home.Markdown = x.title, fromHTML, fromMarkdown
	}
	return x, nil
}

// between returns the links from the index to a page and back.
func (x index) between(form, index, page, spec string) (to, from string, err error) {
	switch {
	case index == "":
		return "", "", nil
	case page == "":
		return "", "", usagef("%s: the index links to a page of every spec, but %s has no %s; add it there, or remove it here", x.place, spec, form)
	}
	there, err1 := filepath.Rel(filepath.Dir(index), page)
	back, err2 := filepath.Rel(filepath.Dir(page), index)
	if err1 != nil || err2 != nil {
		return "", "", usagef("%s: there is no relative link from %s to %s; write both paths relative to the config", x.place, filepath.ToSlash(index), filepath.ToSlash(page))
	}
	return address(there), address(back), nil
}

func address(path string) string { return (&url.URL{Path: filepath.ToSlash(path)}).String() }

// retryPage is the page about retries of all specs. The zero value is none.
type retryPage struct {
	place    string
	source   string // name of the config in generated files
	markdown string // see index
	// excluded are the tags of operations that the client does not have.
	excluded []string
}

func readRetryPage(n *load.Node, source string) (retryPage, error) {
	if n == nil {
		return retryPage{}, nil
	}
	p := retryPage{place: n.Pos().String(), source: source}
	if err := members(n, "retries", map[string]any{"markdown": &p.markdown}); err != nil {
		return retryPage{}, err
	}
	switch {
	case p.markdown == "":
		return retryPage{}, usagef("%s: retries names no file; set markdown", p.place)
	case strings.ContainsFunc(p.markdown, unicode.IsControl):
		return retryPage{}, usagef("%s: the path %q contains a control character; remove it", p.place, p.markdown)
	}
	return p, nil
}

// retryPage returns the page with its path relative to the working directory. owner maps the files that are taken.
func (c *config) retryPage(owner map[string]string) (retryPage, error) {
	p := c.retries
	p.markdown = c.output(p.markdown)
	if other, ok := owner[p.markdown]; ok && p.markdown != "" {
		return p, usagef("%s: the file %s of retries is also %s; every output needs its own file", p.place, filepath.ToSlash(p.markdown), other)
	}
	return p, nil
}

// shared has the outputs for all specs of a config.
type shared struct {
	index   index
	retries retryPage
}

// generate adds the outputs to files, after all specs have been read without errors.
func (s shared) generate(parts []docgen.Part, files map[string][]byte) error {
	if s.retries.markdown != "" {
		files[s.retries.markdown] = docgen.Retries(s.retries.source, parts, s.retries.excluded)
	}
	return s.index.generate(parts, files)
}

// generate adds the index to files.
func (x index) generate(parts []docgen.Part, files map[string][]byte) error {
	if x.html != "" {
		data, err := docgen.IndexHTML(x.title, x.source, parts)
		if err != nil {
			return err
		}
		files[x.html] = data
	}
	if x.markdown != "" {
		files[x.markdown] = docgen.IndexMarkdown(x.title, x.source, parts)
	}
	return nil
}
