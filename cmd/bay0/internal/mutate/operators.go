package mutate

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// file visits the functions of one file.
func (f *rewriter) file(file *ast.File) {
	for _, d := range file.Decls {
		fn, is := d.(*ast.FuncDecl)
		if !is || fn.Body == nil {
			continue
		}
		f.enter(fn)
		if carries(f.name, fn.Name.Name) {
			continue
		}
		f.function = fn.Name.Name
		ast.Inspect(fn.Body, f.visit)
	}
}

// visit applies every operator to a node. Outer nodes come first.
func (f *rewriter) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.DeferStmt:
		if fn, is := n.Call.Fun.(*ast.FuncLit); is {
			ast.Inspect(fn.Body, f.visit)
		}
		return false // what is closed at the end enforces nothing
	case *ast.BlockStmt:
		f.verdict(n)
	case *ast.BinaryExpr:
		f.mask(n)
	case *ast.ForStmt:
		return n.Cond != nil // a loop that ends by what a call in it returns would not end without
	case *ast.ExprStmt:
		f.statement(n)
	case *ast.AssignStmt:
		f.assignment(n)
	case *ast.ReturnStmt:
		f.results(n)
	case *ast.IfStmt:
		f.refusal(n)
	case *ast.CaseClause:
		f.refusals(n)
	case *ast.RangeStmt:
		f.list(n)
	case *ast.CallExpr:
		if strings.HasPrefix(f.callee(n), "fmt.") {
			return false // what is said of a fault
		}
		if saysWhy(f.callee(n)) {
			ast.Inspect(n.Args[0], f.visit)
			return false
		}
		f.policyFlags(n)
		f.arguments(n)
	case *ast.CompositeLit:
		f.values(n)
	}
	return true
}

// statement leaves out a call whose results nobody wants.
func (f *rewriter) statement(s *ast.ExprStmt) {
	if call, is := s.X.(*ast.CallExpr); is && enforces(f.callee(call)) {
		n := f.mutant(call, "removed")
		f.wrap(s, fmt.Sprintf("if !mutant.Is(%d) { ", n), " }")
	}
}

// assignment leaves out a call of which only the error is wanted.
func (f *rewriter) assignment(s *ast.AssignStmt) {
	if len(s.Rhs) != 1 {
		return
	}
	call, is := s.Rhs[0].(*ast.CallExpr)
	if !is {
		return
	}
	for _, left := range s.Lhs[:len(s.Lhs)-1] {
		if id, is := left.(*ast.Ident); !is || id.Name != "_" && id.Name != "thread" {
			return
		}
	}
	f.without(call)
}

// results leaves out a call whose error is returned as it is.
func (f *rewriter) results(s *ast.ReturnStmt) {
	for _, r := range s.Results {
		if call, is := r.(*ast.CallExpr); is && saysWhy(f.callee(call)) {
			r = call.Args[0]
		}
		if call, is := r.(*ast.CallExpr); is && f.pkg.info.TypeOf(call).String() == "error" {
			f.without(call)
		} else if _, named := r.(*ast.Ident); !named && f.pkg.info.TypeOf(r).String() == "bool" {
			n := f.mutant(r, "always true")
			f.wrap(r, "", fmt.Sprintf(" || mutant.Is(%d)", n))
		}
	}
}

// saysWhy reports whether a function gives an error its words, and is nothing without
// one.
func saysWhy(callee string) bool { return callee == "Cannot" || callee == "sys.Cannot" }

// without leaves out a call that ends in an error, or is a raw system call.
func (f *rewriter) without(call *ast.CallExpr) {
	results, zeros := f.resultTypes(call)
	if results == "" || !enforces(f.callee(call)) || f.steps[call] {
		return
	}
	n := f.mutant(call, "removed")
	f.wrap(call, fmt.Sprintf("func() (%s) { if mutant.Is(%d) { return %s }; return ", results, n, zeros), " }()")
}

// resultTypes are those of a call that can be left out, and their zero values.
func (f *rewriter) resultTypes(call *ast.CallExpr) (results, zeros string) {
	all := []types.Type{f.pkg.info.TypeOf(call)}
	if tuple, is := all[0].(*types.Tuple); is {
		all = nil
		for i := range tuple.Len() {
			all = append(all, tuple.At(i).Type())
		}
	}
	if len(all) == 0 || all[len(all)-1] == nil {
		return "", ""
	}
	switch all[len(all)-1].String() {
	case "error":
		results, zeros = "error", "nil"
	case "syscall.Errno":
		results, zeros = "unix.Errno", "0"
	default:
		return "", ""
	}
	for i := len(all) - 2; i >= 0; i-- {
		if basic, is := all[i].(*types.Basic); !is || basic.Info()&types.IsInteger == 0 {
			return "", ""
		}
		results, zeros = all[i].String()+", "+results, "0, "+zeros
	}
	return results, zeros
}

// refusal takes away a condition that ends in an error of its own.
func (f *rewriter) refusal(s *ast.IfStmt) {
	if refuses(s.Body.List) {
		f.never(s.Cond)
	}
}

func (f *rewriter) refusals(c *ast.CaseClause) {
	if !refuses(c.Body) {
		return
	}
	for _, condition := range c.List {
		if f.pkg.info.TypeOf(condition).String() == "bool" || strings.HasPrefix(f.pkg.info.TypeOf(condition).String(), "untyped bool") {
			f.never(condition)
		}
	}
}

// never takes a condition away, and each of those of which one is enough.
func (f *rewriter) never(condition ast.Expr) {
	n := f.mutant(condition, "never refuses")
	f.wrap(condition, "(", fmt.Sprintf(") && !mutant.Is(%d)", n))
	ast.Inspect(condition, func(n ast.Node) bool {
		if either, is := n.(*ast.BinaryExpr); is && either.Op == token.LOR {
			f.operand(either.X)
			f.operand(either.Y)
		}
		return true
	})
}

func (f *rewriter) operand(e ast.Expr) {
	if b, is := e.(*ast.BinaryExpr); is && b.Op == token.LOR {
		return // its own operands follow
	}
	n := f.mutant(e, "never refuses")
	f.wrap(e, "(", fmt.Sprintf(") && !mutant.Is(%d)", n))
}

// verdict takes away a refusal that stands at the end, after what is accepted has
// returned.
func (f *rewriter) verdict(b *ast.BlockStmt) {
	last := len(b.List) - 1
	if last < 1 || !refuses(b.List[last:]) {
		return
	}
	if r := b.List[last].(*ast.ReturnStmt); len(r.Results) == 1 {
		n := f.mutant(r.Results[0], "never refuses")
		f.insert(r.Pos(), fmt.Sprintf("if mutant.Is(%d) { return nil }; ", n))
	}
}

// refuses reports whether statements are the return of a new error that wraps no
// other: what is passed on, the call that gave it answers for.
func refuses(body []ast.Stmt) bool {
	if len(body) != 1 {
		return false
	}
	r, is := body[0].(*ast.ReturnStmt)
	if !is || len(r.Results) == 0 {
		return false
	}
	call, is := r.Results[len(r.Results)-1].(*ast.CallExpr)
	if !is {
		return false
	}
	made, is := call.Fun.(*ast.SelectorExpr)
	if !is || made.Sel.Name != "Errorf" && made.Sel.Name != "New" {
		return false
	}
	format, is := call.Args[0].(*ast.BasicLit)
	return is && !strings.Contains(format.Value, "%w")
}

// list empties a list of the policy's.
func (f *rewriter) list(s *ast.RangeStmt) {
	call, is := s.X.(*ast.CallExpr)
	if !is || f.pkg.info.TypeOf(call).String() != "int" {
		return
	}
	n := f.mutant(call, "empty list")
	f.wrap(call, fmt.Sprintf("mutant.Without[int](%d, ", n), ")")
}

// step leaves one out. If all that it does is one call, it is called by that, which
// then has no mutant of its own.
func (f *rewriter) step(e ast.Expr) {
	at, change := ast.Node(e), "step left out"
	if call := onlyCall(e); call != nil && strings.HasSuffix(f.callee(call), "Feed") {
		return // which enforces nothing
	}
	ast.Inspect(e, func(n ast.Node) bool {
		if call := onlyCall(n); call != nil {
			f.steps[call] = true
			at, change = call, "removed"
		}
		return true
	})
	n := f.mutant(at, change)
	f.wrap(e, fmt.Sprintf("mutant.Step(%d, ", n), ")")
}

// onlyCall is the call that is all of a function literal.
func onlyCall(n ast.Node) *ast.CallExpr {
	fn, is := n.(*ast.FuncLit)
	if !is || len(fn.Body.List) != 1 {
		return nil
	}
	r, is := fn.Body.List[0].(*ast.ReturnStmt)
	if !is || len(r.Results) != 1 {
		return nil
	}
	call, _ := r.Results[0].(*ast.CallExpr)
	return call
}

// isOfPolicy reports whether a call reads a policy.
func (f *rewriter) isOfPolicy(call *ast.CallExpr) bool {
	s, is := call.Fun.(*ast.SelectorExpr)
	if !is {
		return false
	}
	used := f.pkg.info.Uses[s.Sel]
	return used != nil && used.Pkg() != nil && strings.HasSuffix(used.Pkg().Path(), "policy/blob")
}

func isInteger(t types.Type) bool {
	basic, is := t.Underlying().(*types.Basic)
	return is && basic.Info()&types.IsInteger != 0
}

// typeName is a type as the file can write it.
func typeName(t types.Type) string {
	if basic, is := t.(*types.Basic); is && basic.Kind() == types.UntypedInt {
		return "int"
	}
	return types.TypeString(t, (*types.Package).Name)
}

// callee is the called function, such as "unix.Mount", or "share".
func (f *rewriter) callee(call *ast.CallExpr) string {
	switch fun := call.Fun.(type) {
	case *ast.SelectorExpr:
		if used := f.pkg.info.Uses[fun.Sel]; used != nil && used.Pkg() != nil {
			return used.Pkg().Name() + "." + fun.Sel.Name
		}
		return fun.Sel.Name
	case *ast.Ident:
		return fun.Name
	}
	return ""
}
