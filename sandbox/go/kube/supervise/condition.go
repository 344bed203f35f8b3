package supervise

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

const (
	// pollEvery is short: the programs of a node start one after another, and each wait adds to the whole.
	pollEvery = 50 * time.Millisecond
	// probeTimeout bounds one look at a condition.
	probeTimeout = 2 * time.Second
)

// await blocks until the condition holds; it returns false if ctx ended first.
func (c *Condition) await(ctx context.Context) bool {
	for {
		if c.probe(ctx) == nil {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(pollEvery):
		}
	}
}

// probe looks once; nil means that the condition holds.
func (c *Condition) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	switch {
	case c.File != "":
		_, err := os.Stat(c.File)
		return err
	case c.URL != "":
		return c.get(ctx)
	}
	network, address := "tcp", c.TCP
	if c.Socket != "" {
		network, address = "unix", c.Socket
	}
	connection, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return err
	}
	return connection.Close()
}

func (c *Condition) get(ctx context.Context) error {
	// The files are read each time: another program may still be writing them.
	config, err := c.tls()
	if err != nil {
		return err
	}
	transport := &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL, nil)
	if err != nil {
		return err
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return fmt.Errorf("%s answered %s", c.URL, response.Status)
	}
	return nil
}

func (c *Condition) tls() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CAFile != "" {
		pem, err := os.ReadFile(c.CAFile)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no certificate", c.CAFile)
		}
	}
	if c.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(c.CertFile, c.KeyFile)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// String names the condition for the status file and the log.
func (c *Condition) String() string {
	switch {
	case c.TCP != "":
		return "tcp " + c.TCP
	case c.File != "":
		return "file " + c.File
	case c.Socket != "":
		return "socket " + c.Socket
	}
	return c.URL
}
