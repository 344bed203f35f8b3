package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Each chart says which images it wants, and what it is, in a file of its own.
func TestChartsAreStamped(t *testing.T) {
	const hub, tag = "registry.test/istio", "1.2.3-abc"
	for source, name := range charts {
		out := t.TempDir()
		stamped, err := write(source, out, hub, tag)
		if err != nil || stamped == 0 {
			t.Fatalf("%s: %d files stamped, %v", name, stamped, err)
		}
		chart := read(t, out, "Chart.yaml")
		for _, line := range []string{"\nversion: " + tag + "\n", "\nappVersion: " + tag + "\n"} {
			if !strings.Contains(chart, line) {
				t.Errorf("%s/Chart.yaml lacks %q", name, line)
			}
		}
		for _, setting := range []string{"hub: registry.istio.io/testing", "tag: latest"} {
			if strings.Contains(read(t, out, "values.yaml"), setting) {
				t.Errorf("%s/values.yaml still says %q", name, setting)
			}
		}
	}
}

func TestImagesAreStamped(t *testing.T) {
	out := t.TempDir()
	if _, err := write("charts/istio-control/istio-discovery", out, "registry.test/istio", "1.2.3-abc"); err != nil {
		t.Fatal(err)
	}
	values := read(t, out, "values.yaml")
	for _, line := range []string{"    hub: registry.test/istio\n", "    tag: 1.2.3-abc\n"} {
		if !strings.Contains(values, line) {
			t.Errorf("values.yaml lacks %q", line)
		}
	}
	if _, err := os.Stat(filepath.Join(out, "templates", "deployment.yaml")); err != nil {
		t.Error(err)
	}
}

func read(t *testing.T, folder, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
