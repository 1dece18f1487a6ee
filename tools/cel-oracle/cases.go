package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
)

// Values of CEL as JSON: bool, string and null are themselves and a list is an array. All else is an object of one
// member: {"int": "1"}, {"uint": "1"}, {"double": "1.5"}, {"bytes": BASE64}, {"map": [[KEY, VALUE]…]} sorted by the
// text of the keys, {"timestamp": RFC 3339}, {"duration": NANOSECONDS}, {"type": NAME}, {"optional": [VALUE] or []},
// {"object": NAME} for what only functions know.

func print(value ref.Val) any {
	switch v := value.(type) {
	case types.Bool:
		return bool(v)
	case types.String:
		return string(v)
	case types.Null:
		return nil
	case types.Int:
		return one("int", strconv.FormatInt(int64(v), 10))
	case types.Uint:
		return one("uint", strconv.FormatUint(uint64(v), 10))
	case types.Double:
		return one("double", printDouble(float64(v)))
	case types.Bytes:
		return one("bytes", base64.StdEncoding.EncodeToString(v))
	case types.Timestamp:
		return one("timestamp", v.Time.UTC().Format(time.RFC3339Nano))
	case types.Duration:
		return one("duration", strconv.FormatInt(int64(v.Duration), 10))
	case *types.Type:
		return one("type", v.TypeName())
	case *types.Optional:
		if !v.HasValue() {
			return one("optional", []any{})
		}
		return one("optional", []any{print(v.GetValue())})
	case traits.Lister:
		list := []any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			list = append(list, print(it.Next()))
		}
		return list
	case traits.Mapper:
		return one("map", printEntries(v))
	}
	return one("object", value.Type().TypeName())
}

func one(kind string, content any) map[string]any { return map[string]any{kind: content} }

func printDouble(v float64) string {
	switch {
	case math.IsInf(v, 0) || math.IsNaN(v):
		return strings.TrimPrefix(fmt.Sprint(v), "+")
	default:
		return strconv.FormatUint(math.Float64bits(v), 16)
	}
}

func printEntries(m traits.Mapper) [][2]any {
	entries := [][2]any{}
	for it := m.Iterator(); it.HasNext() == types.True; {
		key := it.Next()
		entries = append(entries, [2]any{print(key), print(m.Get(key))})
	}
	text := func(i int) string { b, _ := json.Marshal(entries[i][0]); return string(b) }
	sort.Slice(entries, func(i, j int) bool { return text(i) < text(j) })
	return entries
}

// read is the inverse of print.
func read(raw json.RawMessage) ref.Val {
	var plain any
	if err := json.Unmarshal(raw, &plain); err != nil {
		panic(err)
	}
	return readPlain(plain)
}

func readPlain(plain any) ref.Val {
	switch v := plain.(type) {
	case nil:
		return types.NullValue
	case bool:
		return types.Bool(v)
	case string:
		return types.String(v)
	case []any:
		list := make([]ref.Val, len(v))
		for i, element := range v {
			list[i] = readPlain(element)
		}
		return types.NewRefValList(types.DefaultTypeAdapter, list)
	case map[string]any:
		for kind, content := range v {
			return readOne(kind, content)
		}
	}
	panic(fmt.Sprintf("no value: %v", plain))
}

func readOne(kind string, content any) ref.Val {
	text, _ := content.(string)
	switch kind {
	case "int":
		n, err := strconv.ParseInt(text, 10, 64)
		return must(types.Int(n), err)
	case "uint":
		n, err := strconv.ParseUint(text, 10, 64)
		return must(types.Uint(n), err)
	case "double":
		if bits, err := strconv.ParseUint(text, 16, 64); err == nil {
			return types.Double(math.Float64frombits(bits))
		}
		n, err := strconv.ParseFloat(text, 64)
		return must(types.Double(n), err)
	case "bytes":
		b, err := base64.StdEncoding.DecodeString(text)
		return must(types.Bytes(b), err)
	case "timestamp":
		t, err := time.Parse(time.RFC3339Nano, text)
		return must(types.Timestamp{Time: t}, err)
	case "duration":
		n, err := strconv.ParseInt(text, 10, 64)
		return must(types.Duration{Duration: time.Duration(n)}, err)
	case "type":
		return parseType(text)
	case "optional":
		if list := content.([]any); len(list) == 1 {
			return types.OptionalOf(readPlain(list[0]))
		}
		return types.OptionalNone
	case "map":
		entries := map[ref.Val]ref.Val{}
		for _, entry := range content.([]any) {
			pair := entry.([]any)
			entries[readPlain(pair[0])] = readPlain(pair[1])
		}
		return types.NewRefValMap(types.DefaultTypeAdapter, entries)
	}
	panic("no kind of value: " + kind)
}

func must(v ref.Val, err error) ref.Val {
	if err != nil {
		panic(err)
	}
	return v
}

var names = map[string]*cel.Type{
	"bool": cel.BoolType, "bytes": cel.BytesType, "double": cel.DoubleType, "dyn": cel.DynType, "int": cel.IntType,
	"null_type": cel.NullType, "string": cel.StringType, "uint": cel.UintType, "timestamp": cel.TimestampType,
	"duration": cel.DurationType, "type": cel.TypeType, "google.protobuf.Timestamp": cel.TimestampType,
	"google.protobuf.Duration": cel.DurationType, "any": cel.AnyType,
}

// parseType reads a type as it is printed: list(int), map(string, dyn), optional_type(int), wrapper(int).
func parseType(text string) *cel.Type {
	if known := names[text]; known != nil {
		return known
	}
	open := strings.IndexByte(text, '(')
	if open < 0 {
		return cel.ObjectType(text)
	}
	inner := text[open+1 : len(text)-1]
	switch name := text[:open]; name {
	case "list":
		return cel.ListType(parseType(inner))
	case "map":
		depth := 0
		for i, r := range inner {
			switch {
			case r == '(':
				depth++
			case r == ')':
				depth--
			case r == ',' && depth == 0:
				return cel.MapType(parseType(inner[:i]), parseType(strings.TrimSpace(inner[i+1:])))
			}
		}
	case "optional_type":
		return cel.OptionalType(parseType(inner))
	case "wrapper":
		return cel.NullableType(parseType(inner))
	case "type":
		return types.NewTypeTypeWithParam(parseType(inner))
	}
	panic("no type: " + text)
}
