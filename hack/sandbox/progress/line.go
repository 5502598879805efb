package progress

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// tone is the colour of a line's subject.
type tone string

const (
	plain   tone = ""
	good    tone = "\x1b[32m"
	pending tone = "\x1b[33m"
	bad     tone = "\x1b[31m"
	reset        = "\x1b[0m"
)

// say writes a line: elapsed time, counts, what it is about, and what happened to it.
func (p *Printer) say(subject string, t tone, text string) {
	p.spoken = p.Now()
	if p.Label != "" {
		text = p.Label + ": " + text
	}
	head := fmt.Sprintf("%-20s", subject)
	if p.Color && t != plain {
		head = string(t) + head + reset
	}
	_, _ = fmt.Fprintf(p.Out, "%6.1fs  %7s  %s %s\n", p.spoken.Sub(p.Start).Seconds(), p.counts, head, shorten(text))
}

func shorten(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) <= maxText {
		return text
	}
	return string([]rune(text)[:maxText-1]) + "…"
}
