// Command charts writes the Helm charts that the istio.io/istio module carries to a folder. In the module's
// source they name a development registry and a moving tag; as Istio's release process does, it sets the
// registry, the tag and the charts' version.
package main

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"istio.io/istio/manifests"
)

// charts maps the folders of the module to the names that the charts are published under.
var charts = map[string]string{
	"charts/base":                          "base",
	"charts/istio-control/istio-discovery": "istiod",
	"charts/gateway":                       "gateway",
	"charts/istio-cni":                     "cni",
	"charts/ztunnel":                       "ztunnel",
}

var (
	hubLine     = regexp.MustCompile(`(?m)^(\s*)hub: registry\.istio\.io/testing$`)
	tagLine     = regexp.MustCompile(`(?m)^(\s*)tag: latest$`)
	versionLine = regexp.MustCompile(`(?m)^(version|appVersion): .*$`)
)

func main() {
	out := flag.String("out", "", "folder to write; each chart becomes a folder in it")
	hub := flag.String("hub", "", "registry and path of the images, the charts' default of global.hub")
	tag := flag.String("tag", "", "tag of the images, and the charts' version and appVersion")
	flag.Parse()
	if *out == "" || *hub == "" || *tag == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	for source, name := range charts {
		stamped, err := write(source, filepath.Join(*out, name), *hub, *tag)
		if err == nil && stamped == 0 {
			err = fmt.Errorf("%s: nothing to stamp was found; the module's layout has changed", source)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "charts:", err)
			os.Exit(1)
		}
	}
}

// write copies one chart and returns how many of its files were stamped.
func write(source, target, hub, tag string) (stamped int, err error) {
	chart, err := fs.Sub(manifests.FS, source)
	if err != nil {
		return 0, err
	}
	err = fs.WalkDir(chart, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(target, path)
		if entry.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		content, err := fs.ReadFile(chart, path)
		if err != nil {
			return err
		}
		if next := stamp(path, string(content), hub, tag); next != string(content) {
			stamped++
			content = []byte(next)
		}
		return os.WriteFile(to, content, 0o644)
	})
	return stamped, err
}

func stamp(path, content, hub, tag string) string {
	switch {
	case path == "Chart.yaml":
		return versionLine.ReplaceAllString(content, "${1}: "+tag)
	case strings.HasSuffix(path, ".yaml") && !strings.HasPrefix(path, "templates/"):
		content = hubLine.ReplaceAllString(content, "${1}hub: "+hub)
		return tagLine.ReplaceAllString(content, "${1}tag: "+tag)
	}
	return content
}
