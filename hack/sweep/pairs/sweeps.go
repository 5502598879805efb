package pairs

import "github.com/portkey-ai/portkey-ecs-operator/hack/sweep"

// How many lives there are of each sample: the sweeps aren't about the samples, which share the seeds.
const lives = 150

// short is how many of them `make test` runs of each sample.
const short = 4

// Pairs goes from random gateways to others: the end is as if the other had been there from the beginning.
func Pairs() sweep.Sweep {
	return sweep.Sweep{Name: "pairs", Short: short, Rows: func(sample sweep.Sample) []sweep.Row {
		return rows(sample, func(seed uint64) sweep.Row { return sweep.Row{Name: pair(seed).String(), Run: pair(seed).live} })
	}}
}

// Fuzz edits random gateways in the middle of everything.
func Fuzz() sweep.Sweep {
	return sweep.Sweep{Name: "fuzz", Short: short, Rows: func(sample sweep.Sample) []sweep.Row {
		return rows(sample, func(seed uint64) sweep.Row { return sweep.Row{Name: fuzz(seed).String(), Run: fuzz(seed).live} })
	}}
}

func rows(sample sweep.Sample, row func(uint64) sweep.Row) []sweep.Row {
	first := uint64(0)
	if sample != sweep.Minimal {
		first = lives
	}
	out := make([]sweep.Row, lives)
	for i := range out {
		out[i] = row(first + uint64(i))
	}
	return out
}
