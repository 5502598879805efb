package core

import (
	"errors"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"
)

type pageIn struct{ NextToken string }

type formIn struct {
	Name    string `q:",required"`
	Count   *int
	Ratio   float64
	On      bool
	At      *time.Time
	Data    []byte
	IDs     []string  `q:"Id"`
	Pairs   []formTag `q:"Tag"`
	Named   []string  `q:"SecurityGroups,item=SecurityGroup"`
	Nested  *formTag
	Hidden  string `q:"-"`
	private string
	pageIn
}

type formTag struct {
	Key    string
	Values []string `q:"Value"`
}

func decode(p Protocol, text string) (formIn, error) {
	form, err := url.ParseQuery(text)
	if err != nil {
		return formIn{}, err
	}
	in := formIn{}
	err = decodeForm(&Mux{Protocol: p}, &Request{form: form}, &in)
	return in, err
}

func TestDecodeForm(t *testing.T) {
	two, at := 2, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, c := range []struct {
		p    Protocol
		form string
		want formIn
	}{
		{EC2Query, "Action=A&Version=1&Name=n&Count=2&Ratio=1.5&On=true&At=2026-01-02T03:04:05Z&Data=eA==&NextToken=t",
			formIn{Name: "n", Count: &two, Ratio: 1.5, On: true, At: &at, Data: []byte("x"), pageIn: pageIn{"t"}}},
		{EC2Query, "Name=&Id.1=a&Id.2=b", formIn{IDs: []string{"a", "b"}}},
		{Query, "Name=&Id.member.1=a&Id.member.2=b", formIn{IDs: []string{"a", "b"}}},
		{Query, "Name=&Id=", formIn{IDs: []string{}}},
		{Query, "Name=&SecurityGroups.SecurityGroup.1=sg", formIn{Named: []string{"sg"}}},
		{EC2Query, "Name=&Tag.1.Key=k&Tag.1.Value.1=v&Tag.2.Key=l", formIn{Pairs: []formTag{{"k", []string{"v"}}, {Key: "l"}}}},
		{Query, "Name=&Tag.member.1.Key=k&Nested.Key=x&Nested.Value.member.1=y", formIn{Pairs: []formTag{{Key: "k"}}, Nested: &formTag{"x", []string{"y"}}}},
	} {
		got, err := decode(c.p, c.form)
		// List items of nested structs in EC2's protocol follow it too.
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v", c.form, got, err)
		}
	}
}

func TestDecodeFormRefuses(t *testing.T) {
	for _, c := range []struct {
		p          Protocol
		form, code string
		names      string
	}{
		{EC2Query, "", "MissingParameter", "Name"},
		{Query, "", "ValidationError", "Name"},
		{EC2Query, "Name=n&Colour=red", "UnknownParameter", "Colour"},
		{Query, "Name=n&Colour=red", "ValidationError", "Colour"},
		{EC2Query, "Name=n&Hidden=x", "UnknownParameter", "Hidden"},
		{EC2Query, "Name=n&private=x", "UnknownParameter", "private"},
		{EC2Query, "Name=n&Count=two", "InvalidParameterValue", "Count"},
		{Query, "Name=n&Count=two", "ValidationError", "Count"},
		{EC2Query, "Name=n&At=today", "InvalidParameterValue", "At"},
		{EC2Query, "Name=n&Data=%25", "InvalidParameterValue", "Data"},
		{EC2Query, "Name=n&Id.2=b", "UnknownParameter", "Id.2"},
		{EC2Query, "Name=n&Id.1=a&Id.3=c", "UnknownParameter", "Id.3"},
		{EC2Query, "Name=n&Id.member.1=a", "UnknownParameter", "Id.member.1"},
		{Query, "Name=n&Id.1=a", "ValidationError", "Id.1"},
		{EC2Query, "Name=n&Tag.1.Colour=red", "UnknownParameter", "Tag.1.Colour"},
		{EC2Query, "Name=n&Name.x=1", "UnknownParameter", "Name.x"},
	} {
		got, err := decode(c.p, c.form)
		var e *Error
		if !errors.As(err, &e) || e.Code != c.code || !strings.Contains(e.Message, c.names) {
			t.Errorf("%s: got %v, want %s about %s", c.form, err, c.code, c.names)
		}
		if got.private != "" || got.Hidden != "" {
			t.Errorf("%s fills a field that no parameter names: %+v", c.form, got)
		}
	}
}

// FuzzDecodeForm: no form makes the decoder panic; what it accepts it has taken in whole, so one more
// parameter is one too many.
func FuzzDecodeForm(f *testing.F) {
	for _, seed := range []string{"Name=n", "Name=n&Id.1=a&Tag.1.Key=k&Tag.1.Value.1=v", "Name=&Id=&Nested.Key=x", "Name=n&Count=2&At=2026-01-02T03:04:05Z",
		"Name=n&Id.member.1=a&SecurityGroups.SecurityGroup.1=x", "Id.999999999999=1&Name=.", "Name=n&Data=eA==", "Tag.1=x&Name=&Tag.1.Value=", "Nested=1&Name=a"} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, text string, ec2 bool) {
		p := Query
		if ec2 {
			p = EC2Query
		}
		got, err := decode(p, text)
		if err != nil {
			return
		}
		if again, err := decode(p, text); err != nil || !reflect.DeepEqual(got, again) && got.Ratio == got.Ratio {
			t.Errorf("decoding twice differs: %+v, %+v, %v", got, again, err)
		}
		if _, err := decode(p, text+"&Zz=1"); err == nil {
			t.Errorf("an unknown parameter beside %q is accepted", text)
		}
	})
}
