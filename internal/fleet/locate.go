package fleet

import (
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// line returns the line on which the value at path (like training[0].kind) stands, else that of the
// nearest value around it; 0 when that is the document itself. JSON is YAML but for its tabs, which can
// stand only between its tokens.
func (d Document) line(path string) int {
	if d.isJSON() { // YAML beyond its bounds does not come so far
		if _, err := d.bounded(); err != nil {
			return 0
		}
	}
	file, err := parser.ParseBytes(d.yaml(), 0, parser.AllowDuplicateMapKey())
	if err != nil || len(file.Docs) == 0 {
		return 0
	}
	return lineOf(file.Docs[0].Body, path, 0)
}

// lineOf looks path up below node; found is the line of what holds node. Keys may hold dots, so they are
// compared with the beginning of the path. Of duplicates the last is found: it is the one too many.
func lineOf(node ast.Node, path string, found int) int {
	path = strings.TrimPrefix(path, ".")
	if path == "" {
		return found
	}
	switch n := node.(type) {
	case *ast.AnchorNode:
		return lineOf(n.Value, path, found)
	case *ast.TagNode:
		return lineOf(n.Value, path, found)
	case *ast.MappingValueNode:
		return lineIn([]*ast.MappingValueNode{n}, path, found)
	case *ast.MappingNode:
		return lineIn(n.Values, path, found)
	case *ast.SequenceNode:
		number, rest, is := strings.Cut(strings.TrimPrefix(path, "["), "]")
		i, err := strconv.Atoi(number)
		if !is || err != nil || i < 0 || i >= len(n.Values) {
			return found
		}
		return lineOf(n.Values[i], rest, n.Values[i].GetToken().Position.Line)
	}
	return found
}

func lineIn(entries []*ast.MappingValueNode, path string, found int) int {
	line := found
	for _, entry := range entries {
		token := entry.Key.GetToken()
		rest, is := strings.CutPrefix(path, token.Value)
		if is && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			line = lineOf(entry.Value, rest, token.Position.Line)
		}
	}
	return line
}
