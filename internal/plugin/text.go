package plugin

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/duration"
)

// width is what running text is wrapped at.
const width = 100

// colour is an ANSI colour.
type colour string

const (
	plain  colour = ""
	bold   colour = "1"
	dim    colour = "2"
	red    colour = "31"
	green  colour = "32"
	yellow colour = "33"
)

// cell is a piece of a line.
type cell struct {
	text string
	colour
}

// sheet gathers lines of text.
type sheet struct {
	strings.Builder
	colours bool
}

func (s *sheet) paint(text string, c colour) string {
	if !s.colours || c == plain || text == "" {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}

func (s *sheet) line(words ...string) {
	s.WriteString(strings.TrimRight(strings.Join(words, ""), " ") + "\n")
}

// heading begins a section.
func (s *sheet) heading(text string) {
	s.line()
	s.line(s.paint(text, bold))
}

// prose writes text in lines of width, each after indent.
func (s *sheet) prose(indent int, text string) {
	pad, line := strings.Repeat(" ", indent), ""
	for word := range strings.FieldsSeq(clean(text)) {
		if line != "" && indent+utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			s.line(pad, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	if line != "" {
		s.line(pad, line)
	}
}

// labelWidth is the column at which the values of pairs begin.
const labelWidth = 12

// pair writes a label and what it says; long values go on below themselves.
func (s *sheet) pair(label, value string) {
	var rest sheet
	rest.prose(labelWidth, value)
	s.line("  ", pad(label, labelWidth-2), strings.TrimLeft(strings.TrimSuffix(rest.String(), "\n"), " "))
}

// table writes rows in columns of equal width, after an indent of two.
func (s *sheet) table(rows [][]cell) {
	var widths []int
	for _, row := range rows {
		for i, c := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(clean(c.text)))
		}
	}
	for _, row := range rows {
		words := []string{"  "}
		for i, c := range row {
			text := clean(c.text)
			gap := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(text)+2)
			words = append(words, s.paint(text, c.colour), gap)
		}
		s.line(words...)
	}
}

// header is the first row of a table.
func header(names ...string) []cell {
	var row []cell
	for _, n := range names {
		row = append(row, cell{n, dim})
	}
	return row
}

func pad(text string, to int) string {
	return text + strings.Repeat(" ", max(to-utf8.RuneCountInString(text), 1))
}

// clean keeps what others wrote from steering the terminal.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, text)
}

// span is a length of time as kubectl writes it.
func span(d time.Duration) string { return duration.HumanDuration(d) }

// clock is a point in time for people, in UTC as AWS's own consoles and logs have it.
func clock(t *metav1.Time) string {
	if t == nil {
		return "?"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

// bar shows a share of a whole: whatever is neither nothing nor everything shows as neither.
func bar(percent int32, cells int) (full, empty string) {
	n := (int(percent)*cells + 50) / 100
	if percent > 0 {
		n = max(n, 1)
	}
	if percent < 100 {
		n = min(n, cells-1)
	}
	n = min(max(n, 0), cells)
	return strings.Repeat("█", n), strings.Repeat("░", cells-n)
}
