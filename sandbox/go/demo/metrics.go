package main

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// bounds are the histogram's upper limits in seconds.
var bounds = []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}

// metrics counts the application's requests: not the probes', not the switches'.
type metrics struct {
	mutex    sync.Mutex
	inFlight int
	byCode   map[int]uint64
	buckets  []uint64 // one more than bounds: those above all of them
	seconds  float64
}

func newMetrics() *metrics {
	return &metrics{byCode: map[int]uint64{}, buckets: make([]uint64, len(bounds)+1)}
}

// begin counts a request that has come; the returned function counts its answer.
func (m *metrics) begin() func(code int) {
	began := time.Now()
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.inFlight++
	return func(code int) {
		seconds := time.Since(began).Seconds()
		bucket, _ := slices.BinarySearch(bounds, seconds)
		m.mutex.Lock()
		defer m.mutex.Unlock()
		m.inFlight--
		m.byCode[code]++
		m.buckets[bucket]++
		m.seconds += seconds
	}
}

// write prints everything in Prometheus' text format.
func (m *metrics) write(w io.Writer, version string) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	label := fmt.Sprintf("version=%q", version)
	fmt.Fprintln(w, "# HELP demo_requests_total Requests answered, by status code.\n# TYPE demo_requests_total counter")
	codes := make([]int, 0, len(m.byCode))
	for code := range m.byCode {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	for _, code := range codes {
		fmt.Fprintf(w, "demo_requests_total{%s,code=\"%d\"} %d\n", label, code, m.byCode[code])
	}
	fmt.Fprintln(w, "# HELP demo_request_duration_seconds Time from a request to its answer.\n# TYPE demo_request_duration_seconds histogram")
	var sum uint64
	for i, count := range m.buckets {
		sum += count
		limit := "+Inf"
		if i < len(bounds) {
			limit = fmt.Sprint(bounds[i])
		}
		fmt.Fprintf(w, "demo_request_duration_seconds_bucket{%s,le=\"%s\"} %d\n", label, limit, sum)
	}
	fmt.Fprintf(w, "demo_request_duration_seconds_sum{%s} %g\n", label, m.seconds)
	fmt.Fprintf(w, "demo_request_duration_seconds_count{%s} %d\n", label, sum)
	fmt.Fprintln(w, "# HELP demo_requests_in_flight Requests that are being answered.\n# TYPE demo_requests_in_flight gauge")
	fmt.Fprintf(w, "demo_requests_in_flight{%s} %d\n", label, m.inFlight)
}

func (m *metrics) handler(version string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		m.write(w, version)
	})
	return mux
}
