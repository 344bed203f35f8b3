package main

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"time"
)

const (
	// maxDelay bounds the delay of one answer.
	maxDelay = 60 * time.Second
	// minStatus to maxStatus are the codes that a request may ask for.
	minStatus, maxStatus = 200, 599
)

// behaviour is how an answer comes: after delay, with status, or in errorPercent of the cases with 500.
type behaviour struct {
	delay        time.Duration
	status       int
	errorPercent float64
}

// settings are what the environment says.
type settings struct {
	version    string
	address    string
	behaviour  behaviour
	notReady   bool
	crashAfter time.Duration
	drain      time.Duration
	shutdown   time.Duration
}

// readSettings reads the environment:
//
//	VERSION        what is answered as version; default "dev"
//	PORT           of the application, 1 to 65535; default 8080
//	DELAY          before each answer, a duration up to 60s; default 0s
//	ERROR_PERCENT  of answers that are 500, 0 to 100; default 0
//	NOT_READY      true: not ready until POST /ready?to=on; default false
//	CRASH_AFTER    a duration after which the process ends with code 1; default never
//	DRAIN          a duration between SIGTERM and the stop, in which it answers but is not ready; default 0s
//
// The error names every variable that is wrong.
func readSettings(getenv func(string) string) (settings, error) {
	s := settings{version: "dev", behaviour: behaviour{status: 200}, shutdown: shutdownBound}
	port := 8080
	var faults []error
	set := func(name string, parse func(string) error) {
		if value := getenv(name); value != "" {
			if err := parse(value); err != nil {
				faults = append(faults, fmt.Errorf("%s=%q: %w", name, value, err))
			}
		}
	}
	set("VERSION", func(v string) error { s.version = v; return nil })
	set("PORT", func(v string) (err error) { port, err = parseWhole(v, 1, 65535); return err })
	set("DELAY", func(v string) (err error) { s.behaviour.delay, err = parseDelay(v, maxDelay); return err })
	set("ERROR_PERCENT", func(v string) (err error) { s.behaviour.errorPercent, err = parsePercent(v); return err })
	set("NOT_READY", func(v string) (err error) { s.notReady, err = strconv.ParseBool(v); return err })
	set("CRASH_AFTER", func(v string) (err error) { s.crashAfter, err = parseDelay(v, math.MaxInt64); return err })
	set("DRAIN", func(v string) (err error) { s.drain, err = parseDelay(v, 10*time.Minute); return err })
	s.address = ":" + strconv.Itoa(port)
	return s, errors.Join(faults...)
}

// override reads delay, status and error (percent) from a query over the given behaviour. Without an allowed
// name, nothing changes; a wrong value is an error.
func (b behaviour) override(query url.Values) (behaviour, error) {
	var faults []error
	set := func(name string, parse func(string) error) {
		if query.Has(name) {
			if err := parse(query.Get(name)); err != nil {
				faults = append(faults, fmt.Errorf("%s=%q: %w", name, query.Get(name), err))
			}
		}
	}
	set("delay", func(v string) (err error) { b.delay, err = parseDelay(v, maxDelay); return err })
	set("error", func(v string) (err error) { b.errorPercent, err = parsePercent(v); return err })
	set("status", func(v string) (err error) { b.status, err = parseWhole(v, minStatus, maxStatus); return err })
	return b, errors.Join(faults...)
}

func parseDelay(value string, most time.Duration) (time.Duration, error) {
	d, err := time.ParseDuration(value)
	if err != nil || d < 0 || d > most {
		return 0, fmt.Errorf("must be a duration from 0s to %v, such as 200ms", most)
	}
	return d, nil
}

func parsePercent(value string) (float64, error) {
	p, err := strconv.ParseFloat(value, 64)
	if err != nil || !(p >= 0 && p <= 100) { // a NaN fails both
		return 0, errors.New("must be a number from 0 to 100")
	}
	return p, nil
}

func parseWhole(value string, least, most int) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("must be a whole number from %d to %d", least, most)
	}
	return n, nil
}
