package plugin

import (
	"encoding/json"
	"fmt"

	"sigs.k8s.io/yaml"
)

func checkOutput(format string) error {
	switch format {
	case "", "json", "yaml":
		return nil
	}
	return usage("-o is json or yaml, got %q", format)
}

// print writes a value for machines.
func (a *app) print(v any, format string) error {
	var text []byte
	var err error
	if format == "yaml" {
		text, err = yaml.Marshal(v)
	} else {
		text, err = json.MarshalIndent(v, "", "  ")
		text = append(text, '\n')
	}
	if err != nil {
		return err
	}
	_, err = a.Out.Write(text)
	return err
}

func (a *app) printf(format string, args ...any) { _, _ = fmt.Fprintf(a.Out, format, args...) }
