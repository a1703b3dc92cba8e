package mutate

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
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
		return false // what is closed at the end enforces nothing
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
		} else if b, is := r.(*ast.BinaryExpr); is && f.pkg.info.TypeOf(b).String() == "bool" {
			n := f.mutant(b, "always true")
			f.wrap(b, "", fmt.Sprintf(" || mutant.Is(%d)", n))
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
		n := f.mutant(s.Cond, "never refuses")
		f.wrap(s.Cond, "(", fmt.Sprintf(") && !mutant.Is(%d)", n))
	}
}

func (f *rewriter) refusals(c *ast.CaseClause) {
	if !refuses(c.Body) {
		return
	}
	for _, condition := range c.List {
		if f.pkg.info.TypeOf(condition).String() == "bool" || strings.HasPrefix(f.pkg.info.TypeOf(condition).String(), "untyped bool") {
			n := f.mutant(condition, "never refuses")
			f.wrap(condition, "(", fmt.Sprintf(") && !mutant.Is(%d)", n))
		}
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

// arguments weakens those of a call.
func (f *rewriter) arguments(call *ast.CallExpr) {
	callee := f.callee(call)
	if !weakens(callee) || f.pkg.info.Types[call.Fun].IsType() {
		return
	}
	for _, a := range call.Args {
		f.value(a, callee, f.pkg.info.TypeOf(a))
	}
}

// values weakens those of a composite literal, and leaves steps out of a list.
func (f *rewriter) values(lit *ast.CompositeLit) {
	kind := f.pkg.info.TypeOf(lit).String()
	for _, e := range lit.Elts {
		if kind == "[]func() error" {
			f.step(e)
			continue
		}
		if kv, is := e.(*ast.KeyValueExpr); is {
			e = kv.Value
		}
		if strings.HasSuffix(kind, "/unix.Rlimit") {
			n := f.mutant(e, "no limit")
			f.wrap(e, fmt.Sprintf("mutant.Most(%d, ", n), ")")
		} else if strings.Contains(kind, "/unix.") || strings.Contains(kind, "SysProcAttr") || strings.HasPrefix(kind, "struct{") {
			f.value(e, kind, f.pkg.info.TypeOf(e))
		}
	}
}

// step leaves one out. If all that it does is one call, it is called by that, which
// then has no mutant of its own.
func (f *rewriter) step(e ast.Expr) {
	at, change := ast.Node(e), "step left out"
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

// value weakens one argument: each flag that is named, each bit of a constant, the
// mode of a file, a number that comes from the policy.
//
// The parts of a constant have no type of their own: theirs is that of the whole.
func (f *rewriter) value(e ast.Expr, callee string, whole types.Type) {
	e = ast.Unparen(e)
	t := f.pkg.info.Types[e]
	if basic, is := t.Type.(*types.Basic); is && basic.Info()&types.IsUntyped != 0 {
		t.Type = whole
	}
	switch x := e.(type) {
	case *ast.BinaryExpr:
		if x.Op == token.OR {
			f.value(x.X, callee, whole)
			f.value(x.Y, callee, whole)
		} else if x.Op == token.AND_NOT {
			f.value(x.X, callee, whole)
		}
	case *ast.BasicLit:
		f.literal(x, callee, t)
	case *ast.CallExpr:
		if f.isOfPolicy(x) && isInteger(t.Type) {
			f.drop(x, "0", t.Type)
		} else if conversion := f.pkg.info.Types[x.Fun]; conversion.IsType() && len(x.Args) == 1 && t.Value == nil {
			f.value(x.Args[0], callee, f.pkg.info.TypeOf(x.Args[0]))
		}
	case *ast.SelectorExpr, *ast.Ident:
		if t.Value != nil && isInteger(t.Type) {
			f.constant(e, t)
		}
	}
}

func (f *rewriter) literal(x *ast.BasicLit, callee string, t types.TypeAndValue) {
	switch {
	case x.Kind == token.INT && strings.HasPrefix(x.Value, "0o") && strings.HasSuffix(callee, ".Umask"):
		f.drop(x, "0", t.Type)
	case x.Kind == token.INT && strings.HasPrefix(x.Value, "0o"):
		n := f.mutant(x, "everybody may write")
		f.wrap(x, fmt.Sprintf("mutant.Open[%s](%d, ", typeName(t.Type), n), ")")
	case x.Kind == token.STRING && strings.Contains(x.Value, "="):
		n := f.mutant(x, `""`)
		f.wrap(x, fmt.Sprintf("mutant.Text(%d, ", n), ")")
	}
}

func (f *rewriter) drop(e ast.Expr, change string, t types.Type) {
	n := f.mutant(e, change)
	f.wrap(e, fmt.Sprintf("mutant.Without[%s](%d, ", typeName(t), n), ")")
}

// flags are the prefixes of constants that are bits.
var flags = []string{"MS_", "MNT_", "O_", "RESOLVE_", "OPEN_TREE_", "MOVE_MOUNT_", "MOUNT_ATTR_", "CLONE_", "SOCK_CLOEXEC", "SOCK_NONBLOCK",
	"FSOPEN_", "FSMOUNT_", "AT_EMPTY_PATH", "LO_FLAGS_", "CLOSE_RANGE_", "MSG_CMSG", "SECCOMP_FILTER_FLAG_", "Landlock", "LANDLOCK_ACCESS_", "LANDLOCK_SCOPE_"}

// constant drops a flag, or each bit of several that have a name of their own.
func (f *rewriter) constant(e ast.Expr, t types.TypeAndValue) {
	name := f.text(e)
	if s, is := e.(*ast.SelectorExpr); is {
		name = s.Sel.Name
		if !slices.ContainsFunc(flags, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) {
			return
		}
	}
	value, exact := constant.Uint64Val(constant.ToInt(t.Value))
	_, own := e.(*ast.Ident)
	switch {
	case !exact || value == 0 || strings.HasSuffix(name, "FD") || name == "backlog": // numbers, not bits
	case !own:
		f.drop(e, "without it", t.Type)
	default:
		f.bits(e, value, t.Type)
	}
}

func (f *rewriter) bits(e ast.Expr, value uint64, t types.Type) {
	for bit := uint64(1); bit != 0 && bit <= value; bit <<= 1 {
		if value&bit != 0 {
			n := f.mutant(e, fmt.Sprintf("without 0x%x", bit))
			f.wrap(e, fmt.Sprintf("mutant.Bit[%s](%d, 0x%x, ", typeName(t), n, bit), ")")
		}
	}
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
