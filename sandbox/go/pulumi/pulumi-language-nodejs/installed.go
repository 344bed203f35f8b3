package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// installed lists the npm packages that a program in the folder could load, or that one of these could load in turn: those of
// all node_modules where Node.js looks. A package.json that cannot be read is an error beside those that can.
func installed(program string) ([]manifest, error) {
	search := search{seen: map[string]bool{}}
	search.around(program)
	return search.found, errors.Join(search.failures...)
}

type search struct {
	seen     map[string]bool // folders, with links followed
	found    []manifest
	failures []error
}

// around visits the packages that code in the folder can load.
func (s *search) around(folder string) {
	for _, around := range upwards(folder) {
		modules := filepath.Join(around, "node_modules")
		if !s.seen[modules] {
			s.seen[modules] = true
			s.packages(modules)
		}
	}
}

// packages visits all packages of a node_modules, or of a scope in it. What begins with a dot is a package manager's own.
func (s *search) packages(modules string) {
	entries, _ := os.ReadDir(modules)
	for _, entry := range entries {
		folder := filepath.Join(modules, entry.Name())
		switch entry.Name()[0] {
		case '.':
		case '@':
			s.packages(folder)
		default:
			s.visit(folder)
		}
	}
}

func (s *search) visit(folder string) {
	folder, err := filepath.EvalSymlinks(folder)
	if err != nil || s.seen[folder] {
		return
	}
	s.seen[folder] = true
	switch read, err := readManifest(filepath.Join(folder, "package.json")); {
	case err == nil && read.Name != "":
		s.found = append(s.found, read)
	case err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR):
		s.failures = append(s.failures, err)
	}
	s.around(folder)
}
