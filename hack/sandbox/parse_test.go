package main

import (
	"os/exec"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for args, want := range map[string]struct {
		scale float64
		err   string
	}{
		"up":                                     {scale: plainScale},
		"up --time-scale 5":                      {scale: 5},
		"up --time-scale=0":                      {scale: 0},
		"up --apply f --watch":                   {scale: watchScale},
		"up --apply f --watch --time-scale 2":    {scale: 2},
		"up --apply f --without-manager":         {scale: plainScale},
		"":                                       {err: "the command is"},
		"down":                                   {err: "the command is"},
		"up now":                                 {err: "unexpected argument"},
		"up --watch":                             {err: "--watch needs --apply"},
		"up --apply f --watch --without-manager": {err: "doesn't go with --without-manager"},
		"up --time-scale -1":                     {err: "--time-scale is 0 or more"},
	} {
		o, err := parse(strings.Fields(args))
		switch {
		case want.err != "":
			if err == nil || !strings.Contains(err.Error(), want.err) {
				t.Errorf("%q: got %v, want %s", args, err, want.err)
			}
		case err != nil:
			t.Errorf("%q: %v", args, err)
		case o.scale != want.scale:
			t.Errorf("%q: time scale %v, want %v", args, o.scale, want.scale)
		}
	}
}

func TestQuote(t *testing.T) {
	for _, s := range []string{"", "/tmp/x", "a b", "it's", "$HOME `date` \"x\" \\", "arn:aws:s3:::b"} {
		out, err := exec.Command("sh", "-c", "export V="+quote(s)+"; printf %s \"$V\"").Output()
		if err != nil || string(out) != s {
			t.Errorf("%q became %q (%v)", s, out, err)
		}
	}
}
