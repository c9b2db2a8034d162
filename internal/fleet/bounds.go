package fleet

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Bounds of a YAML document: far above any honest request or fleet. Within them the largest document that is
// read costs no more memory than its size lets expect; beyond them a few lines could ask for all there is.
const (
	maxDepth = 64
	// maxGrown is what a document may be when all its aliases are replaced by what they stand for, in bytes.
	maxGrown = 16 << 20
)

// bounded tells what makes a document too large to be read as YAML, and its line; nil when nothing does. It reads
// the document's tokens, and only where there are aliases its tree, which is not yet unfolded.
func (d Document) bounded() (line int, err error) {
	// open counts the brackets, run the signs in a row that open a level each: levels on lines of their own are
	// bounded by their indentation.
	open, run, aliases := 0, 0, false
	for _, t := range lexer.Tokenize(string(d.yaml())) {
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			open++
		case token.SequenceEndType, token.MappingEndType:
			open = max(open-1, 0)
		case token.AliasType:
			aliases = true
		}
		switch t.Type {
		case token.SequenceEntryType, token.MappingKeyType, token.TagType:
			run++
		default:
			run = 0
		}
		if open > maxDepth || run > maxDepth {
			return t.Position.Line, fmt.Errorf("is nested deeper than %d levels", maxDepth)
		}
	}
	if !aliases {
		return 0, nil
	}
	file, err := parser.ParseBytes(d.yaml(), 0)
	if err != nil {
		return 0, nil // what is wrong with it is told by who decodes it
	}
	for _, document := range file.Docs {
		if (growth{}).of(document.Body) > maxGrown {
			return 0, errors.New("grows beyond 16 MiB by its aliases")
		}
	}
	return 0, nil
}

// growth is how large what each anchor stands for is when it is unfolded, in bytes.
type growth map[string]int

func (g growth) of(node ast.Node) int {
	switch n := node.(type) {
	case nil:
		return 0
	case *ast.AnchorNode:
		size := g.of(n.Value)
		if n.Name != nil {
			g[n.Name.String()] = size
		}
		return size
	case *ast.AliasNode:
		return 1 + g[n.Value.String()]
	case *ast.TagNode:
		return g.of(n.Value)
	case *ast.MappingNode:
		size := 1
		for _, v := range n.Values {
			size = min(size+g.of(v), maxGrown+1)
		}
		return size
	case *ast.MappingValueNode:
		return min(g.of(n.Key)+g.of(n.Value), maxGrown+1)
	case *ast.MappingKeyNode:
		return g.of(n.Value)
	case *ast.SequenceNode:
		size := 1
		for _, v := range n.Values {
			size = min(size+g.of(v), maxGrown+1)
		}
		return size
	case *ast.LiteralNode:
		return g.of(n.Value)
	}
	if t := node.GetToken(); t != nil {
		return 1 + len(t.Value)
	}
	return 1
}
