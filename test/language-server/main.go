// Prints what CircleCI's language server says about configurations, without a network.
//
// Standard input: {"orbs": {"acme/tools": "source"}, "documents": {"name": "text"}}. Standard output: for each
// document the diagnostics, in the order of their lines. Orbs are answered from the input, whatever their version;
// Docker Hub has every image and tag; CircleCI has no machine images and resource classes to compare with.
package main

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"

	languageservice "github.com/CircleCI-Public/circleci-yaml-language-server/pkg/services"
	"github.com/CircleCI-Public/circleci-yaml-language-server/pkg/utils"
	"go.lsp.dev/protocol"
)

type input struct {
	Orbs      map[string]string `json:"orbs"`
	Documents map[string]string `json:"documents"`
}

type diagnostic struct {
	Severity string `json:"severity"`
	Message  string `json:"message"`
	// Both count from 1.
	Line   uint32 `json:"line"`
	Column uint32 `json:"column"`
}

func main() {
	var in input
	must(json.NewDecoder(os.Stdin).Decode(&in))
	host := serveOrbs(in.Orbs)
	http.DefaultTransport = offline{host: host, real: http.DefaultTransport}
	context := &utils.LsContext{Api: utils.ApiContext{HostUrl: "http://" + host}}
	out := map[string][]diagnostic{}
	for name, text := range in.Documents {
		found, err := languageservice.DiagnosticString(text, utils.CreateCache(), context, "")
		must(err)
		out[name] = list(found)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	must(encoder.Encode(out))
}

func list(found []protocol.Diagnostic) []diagnostic {
	diagnostics := []diagnostic{}
	for _, each := range found {
		diagnostics = append(diagnostics, diagnostic{
			Severity: strings.ToLower(each.Severity.String()),
			Message:  each.Message,
			Line:     each.Range.Start.Line + 1,
			Column:   each.Range.Start.Character + 1,
		})
	}
	slices.SortFunc(diagnostics, func(left, right diagnostic) int {
		if left.Line != right.Line {
			return int(left.Line) - int(right.Line)
		}
		return int(left.Column) - int(right.Column)
	})
	return diagnostics
}

// serveOrbs answers the two questions about orbs that the language server asks in GraphQL.
func serveOrbs(orbs map[string]string) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	http.HandleFunc("POST /graphql-unstable", func(response http.ResponseWriter, request *http.Request) {
		var asked struct {
			Variables struct{ OrbName, OrbVersionRef string }
		}
		must(json.NewDecoder(request.Body).Decode(&asked))
		data := map[string]any{}
		if name := asked.Variables.OrbName; orbs[name] != "" {
			data["orb"] = map[string]any{"id": name, "name": name}
		}
		name, _, _ := strings.Cut(asked.Variables.OrbVersionRef, "@")
		if source := orbs[name]; source != "" {
			versions := []map[string]string{{"version": "1.0.0"}}
			data["orbVersion"] = map[string]any{
				"id": name, "version": "1.0.0", "source": source,
				"orb": map[string]any{"id": name, "versions": versions},
			}
		}
		must(json.NewEncoder(response).Encode(map[string]any{"data": data}))
	})
	go func() { must(http.Serve(listener, nil)) }()
	return listener.Addr().String()
}

// offline lets requests to one host through and answers all others itself, with a success that says nothing.
type offline struct {
	host string
	real http.RoundTripper
}

func (transport offline) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.URL.Host == transport.host {
		return transport.real.RoundTrip(request)
	}
	body := io.NopCloser(strings.NewReader("{}"))
	return &http.Response{StatusCode: http.StatusOK, Body: body, Request: request}, nil
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
