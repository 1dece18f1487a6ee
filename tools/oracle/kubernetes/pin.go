//go:build pin

// Package pin keeps the module of kube-apiserver, which is built by its import path, in go.mod.
package pin

import _ "k8s.io/kubernetes/cmd/kube-apiserver"
