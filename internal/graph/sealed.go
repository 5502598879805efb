package graph

import (
	"fmt"
	"io"
)

// sealedText is what a Sealed prints as, everywhere.
const sealedText = "<secret>"

// Sealed holds secret values on their way through a graph to the kind that hands them to AWS. It lies behind a
// function, where neither fmt nor JSON nor reflection finds it: a spec with one can be printed, hashed and kept in
// messages like any other. Since the values are in no digest either, a spec says by another field which ones they
// are. Its zero value holds none.
type Sealed struct{ open func() map[string]string }

// Seal returns values sealed; the map is the seal's from then on.
func Seal(values map[string]string) Sealed {
	return Sealed{func() map[string]string { return values }}
}

// Open returns the values, nil where there are none. Whoever calls it sees to it that they go to AWS alone.
func (s Sealed) Open() map[string]string {
	if s.open == nil {
		return nil
	}
	return s.open()
}

// Empty reports whether nothing is sealed: the values aren't known.
func (s Sealed) Empty() bool { return s.open == nil }

// String implements fmt.Stringer.
func (Sealed) String() string { return sealedText }

// GoString implements fmt.GoStringer.
func (Sealed) GoString() string { return sealedText }

// Format implements fmt.Formatter, for every verb.
func (Sealed) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, sealedText) }

// MarshalJSON implements json.Marshaler.
func (Sealed) MarshalJSON() ([]byte, error) { return []byte(`"` + sealedText + `"`), nil }

// MarshalText implements encoding.TextMarshaler.
func (Sealed) MarshalText() ([]byte, error) { return []byte(sealedText), nil }
