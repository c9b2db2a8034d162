package follow

import (
	"testing"

	"github.com/stretchr/testify/require"

	"speech-retrainer/internal/sample"
)

// A name that a shell would not take as one word is not put into a command.
func TestHowToAnswerOfNoPlainName(t *testing.T) {
	t.Parallel()
	f := &Run{Session: Session{User: "ann; rm"}, ID: "retrain/support-calls"}
	require.Contains(t, f.howToAnswer(sample.AtApproval()), "  starter approve support-calls --version "+sample.VersionID+` --by NAME --reason "..."`)
}
