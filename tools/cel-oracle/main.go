// Command cel-oracle tells what the CEL of kube-apiserver makes of expressions.
//
// Each line of stdin is a JSON object {expression, variables, schema, self, oldSelf}; each line of stdout is what came of
// it: {compileError} or {planError} or {outputType, estimate: [min, max], value|error, cost}. See cases.go for the form of
// values; tools/cel/oracle.mjs builds it.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strconv"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/checker"
	"github.com/google/cel-go/common/types/ref"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/model"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/version"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	apiservercel "k8s.io/apiserver/pkg/cel"
	"k8s.io/apiserver/pkg/cel/common"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/apiserver/pkg/cel/library"
)

// input is one case. The schema is that of self and oldSelf, whose values are plain JSON.
type input struct {
	Expression string              `json:"expression"`
	Variables  map[string]variable `json:"variables,omitempty"`
	Schema     json.RawMessage     `json:"schema,omitempty"`
	Self       json.RawMessage     `json:"self,omitempty"`
	OldSelf    json.RawMessage     `json:"oldSelf,omitempty"`
}

type variable struct {
	Type  string          `json:"type"`
	Value json.RawMessage `json:"value,omitempty"`
}

type output struct {
	CompileError string          `json:"compileError,omitempty"`
	PlanError    string          `json:"planError,omitempty"`
	OutputType   string          `json:"outputType,omitempty"`
	Estimate     []string        `json:"estimate,omitempty"`
	Value        json.RawMessage `json:"value,omitempty"`
	Error        string          `json:"error,omitempty"`
	Cost         string          `json:"cost,omitempty"`
	// Unstable cases have another outcome each time, since Go's maps have no order.
	Unstable bool `json:"unstable,omitempty"`
}

// evaluations of a case, to see whether they agree.
const evaluations = 4

// scope is what cases with the same names share.
type scope struct {
	env       *cel.Env
	schema    *schema.Structural
	estimator *library.CostEstimator
}

var scopes = map[string]*scope{}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	defer out.Flush()
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 1 {
			answer, marshalErr := json.Marshal(run(line))
			if marshalErr != nil {
				panic(marshalErr)
			}
			out.Write(append(answer, '\n'))
			out.Flush()
		}
		if err != nil {
			return
		}
	}
}

func run(line []byte) (result output) {
	var c input
	if err := json.Unmarshal(line, &c); err != nil {
		panic(fmt.Sprintf("%v: %s", err, line))
	}
	defer func() {
		if thrown := recover(); thrown != nil {
			result.Error = fmt.Sprintf("panic: %v", thrown)
		}
	}()
	s := scopeOf(c)
	ast, issues := s.env.Compile(c.Expression)
	if issues != nil {
		return output{CompileError: issues.String()}
	}
	result.OutputType = ast.OutputType().String()
	estimate, err := s.env.EstimateCost(ast, s.estimator)
	if err != nil {
		panic(err)
	}
	result.Estimate = []string{strconv.FormatUint(estimate.Min, 10), strconv.FormatUint(estimate.Max, 10)}
	program, err := s.env.Program(ast,
		cel.CostLimit(celconfig.PerCallLimit),
		cel.CostTracking(s.estimator),
		cel.InterruptCheckFrequency(celconfig.CheckFrequency),
	)
	if err != nil {
		result.PlanError = err.Error()
		return result
	}
	for i := range evaluations {
		again := result
		evaluate(program, activation(c, s), &again)
		if i > 0 && !reflect.DeepEqual(again, result) {
			result.Unstable = true
			return result
		}
		if i == 0 {
			result.Value, result.Error, result.Cost = again.Value, again.Error, again.Cost
		}
	}
	return result
}

func evaluate(program cel.Program, variables map[string]any, result *output) {
	value, details, err := program.ContextEval(context.Background(), variables)
	if details != nil && details.ActualCost() != nil {
		result.Cost = strconv.FormatUint(*details.ActualCost(), 10)
	}
	if err != nil {
		result.Error = err.Error()
		return
	}
	result.Value = printed(value)
}

// printed gives null for values that cannot be gone through: maps of schemas panic at fields without one.
func printed(value ref.Val) (text json.RawMessage) {
	defer func() {
		if recover() != nil {
			text = json.RawMessage(`{"unprintable":true}`)
		}
	}()
	text, err := json.Marshal(print(value))
	if err != nil {
		panic(err)
	}
	return text
}

// scopeOf gives the environment of the case's variables; those with the same types share one.
func scopeOf(c input) *scope {
	declared := map[string]string{}
	for name, v := range c.Variables {
		declared[name] = v.Type
	}
	key, _ := json.Marshal([]any{declared, c.Schema})
	if known := scopes[string(key)]; known != nil {
		return known
	}
	options := environment.VersionedOptions{IntroducedVersion: version.MajorMinor(1, 0)}
	for name, v := range c.Variables {
		options.EnvOptions = append(options.EnvOptions, cel.Variable(name, parseType(v.Type)))
	}
	made := &scope{estimator: &library.CostEstimator{}}
	if c.Schema != nil {
		made.schema = structural(c.Schema)
		self := model.SchemaDeclType(made.schema, false).MaybeAssignTypeName("selfType")
		options.EnvOptions = append(options.EnvOptions, cel.Variable("self", self.CelType()), cel.Variable("oldSelf", self.CelType()))
		options.DeclTypes = []*apiservercel.DeclType{self}
		made.estimator = &library.CostEstimator{SizeEstimator: &sizeEstimator{root: self}}
	}
	set, err := environment.MustBaseEnvSet(version.MajorMinor(1, 36)).Extend(options)
	if err != nil {
		panic(err)
	}
	made.env = set.StoredExpressionsEnv()
	scopes[string(key)] = made
	return made
}

func structural(text []byte) *schema.Structural {
	var external apiextensionsv1.JSONSchemaProps
	if err := json.Unmarshal(text, &external); err != nil {
		panic(err)
	}
	var internal apiextensions.JSONSchemaProps
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(&external, &internal, nil); err != nil {
		panic(err)
	}
	made, err := schema.NewStructural(&internal)
	if err != nil {
		panic(err)
	}
	return made
}

func activation(c input, s *scope) map[string]any {
	variables := map[string]any{}
	for name, v := range c.Variables {
		if v.Value != nil {
			variables[name] = read(v.Value)
		}
	}
	for name, text := range map[string]json.RawMessage{"self": c.Self, "oldSelf": c.OldSelf} {
		if text == nil {
			continue
		}
		var plain any
		if err := utiljson.Unmarshal(text, &plain); err != nil {
			panic(err)
		}
		variables[name] = common.UnstructuredToVal(plain, &model.Structural{Structural: s.schema})
	}
	return variables
}

// sizeEstimator tells sizes by the schema of self, as the one for rules of custom resources does.
type sizeEstimator struct{ root *apiservercel.DeclType }

func (e *sizeEstimator) EstimateSize(element checker.AstNode) *checker.SizeEstimate {
	path := element.Path()
	if len(path) == 0 {
		return nil
	}
	node := e.root
	for _, name := range path[1:] {
		switch name {
		case "@items", "@values":
			node = node.ElemType
		case "@keys":
			node = node.KeyType
		default:
			field, ok := node.Fields[name]
			if !ok {
				return nil
			}
			node = field.Type
		}
		if node == nil {
			return nil
		}
	}
	return &checker.SizeEstimate{Min: 0, Max: uint64(node.MaxElements)}
}

func (e *sizeEstimator) EstimateCallCost(string, string, *checker.AstNode, []checker.AstNode) *checker.CallEstimate {
	return nil
}
