package web_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/web"
)

func TestTransport(t *testing.T) {
	t.Parallel()
	transport := web.NewTransport()
	require.False(t, transport.TLSClientConfig.InsecureSkipVerify)
	require.EqualValues(t, 256<<10, transport.MaxResponseHeaderBytes)
}

// clients are the places that make an HTTP client of their own, and why each may.
var clients = map[string]string{
	"activities/activities.go":     "holds the client of content.go",
	"activities/content.go":        "looks at content URLs: verified, redirects checked",
	"internal/notify/notify.go":    "web hooks: verified, no redirects",
	"internal/speech/request.go":   "the Speech service and its storage: verified, no redirects",
	"internal/emulator/imports.go": "the emulator, which is for this machine",
	"internal/stack/exchange.go":   "asks the emulator's admin API on this machine",
	"internal/fetch/fetch.go":      "fetches the Temporal CLI for make: verified, redirects checked",
	"internal/bench/peers.go":      "scripts that are measured beside the product, on the emulator of this machine",
	"worker/healthcheck.go":        "asks the worker itself on this machine",
}

// No program of this repository can turn the verification of certificates off: the word stands only where it is
// refused, and HTTP clients are made only where this list knows it.
func TestNobodySkipsVerification(t *testing.T) {
	t.Parallel()
	refusing := map[string]bool{"internal/speech/client.go": true, "internal/config/temporal.go": true}
	root := filepath.Join("..", "..")
	seen := 0
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if entry.IsDir() && (name == "bin" || strings.HasPrefix(entry.Name(), ".") && name != ".") {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		seen++
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				if n.Name == "InsecureSkipVerify" && !refusing[name] {
					t.Errorf("%s: %s", name, n.Name)
				}
			case *ast.KeyValueExpr:
				if key, is := n.Key.(*ast.Ident); is && key.Name == "InsecureSkipVerify" {
					t.Errorf("%s sets %s", name, key.Name)
				}
			case *ast.SelectorExpr:
				if of, is := n.X.(*ast.Ident); is && makesClient(of.Name+"."+n.Sel.Name) && clients[name] == "" {
					t.Errorf("%s uses %s.%s", name, of.Name, n.Sel.Name)
				}
			}
			return true
		})
		return nil
	}))
	require.Greater(t, seen, 150)
}

func makesClient(name string) bool {
	switch name {
	case "http.Client", "http.DefaultClient", "http.Get", "http.Head", "http.Post", "http.PostForm", "resty.New", "resty.NewWithClient":
		return true
	}
	return false
}
