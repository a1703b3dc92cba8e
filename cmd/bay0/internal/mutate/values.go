package mutate

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/anchor-os/anchor/policy/abi"
)

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
	for i, e := range lit.Elts {
		if kind == "[]func() error" {
			f.step(e)
			continue
		}
		field := f.field(lit, i)
		if kv, is := e.(*ast.KeyValueExpr); is {
			e = kv.Value
		}
		if isStep(f.pkg.info.TypeOf(e)) {
			f.step(e)
		} else if more := rights[field]; more != 0 {
			n := f.mutant(e, fmt.Sprintf("%s with 0x%x", field, more))
			f.wrap(e, fmt.Sprintf("mutant.With(%d, 0x%x, ", n, more), ")")
		} else if strings.HasSuffix(kind, "/unix.Rlimit") {
			n := f.mutant(e, "no limit")
			f.wrap(e, fmt.Sprintf("mutant.Most(%d, ", n), ")")
		} else if strings.Contains(kind, "/unix.") || strings.Contains(kind, "SysProcAttr") || strings.HasPrefix(kind, "struct{") {
			f.value(e, kind, f.pkg.info.TypeOf(e))
		}
	}
}

// isStep reports whether a function takes nothing and gives an error.
func isStep(t types.Type) bool {
	s, is := t.(*types.Signature)
	return is && s.Params().Len() == 0 && s.Results().Len() == 1 && s.Results().At(0).Type().String() == "error"
}

// rights are the fields of the kernel's structures that grant some, with more than
// anybody is granted: to write to files (landlock(7)), to bind and to connect, and
// CAP_SYS_ADMIN.
var rights = map[string]uint64{
	"Allowed_access": 1 << 1, "allowedAccess": 1<<0 | 1<<1,
	"Effective": 1 << 21, "Permitted": 1 << 21, "Inheritable": 1 << 21,
}

// field is the name of what the element of a literal is for, "" in a list.
func (f *rewriter) field(lit *ast.CompositeLit, i int) string {
	if s, is := f.pkg.info.TypeOf(lit).Underlying().(*types.Struct); is {
		if kv, keyed := lit.Elts[i].(*ast.KeyValueExpr); keyed {
			return kv.Key.(*ast.Ident).Name
		}
		return s.Field(i).Name()
	}
	return ""
}

// flagsOfPolicy are what a policy gives as one number of many bits.
var flagsOfPolicy = map[string][]uint64{
	"Namespaces": {abi.CloneNewNS, abi.CloneNewCgroup, abi.CloneNewUTS, abi.CloneNewIPC, abi.CloneNewPID, abi.CloneNewNet},
	"Attributes": {abi.MountReadOnly, abi.MountNoSUID, abi.MountNoDev, abi.MountNoExec},
}

// mask notes which bits of a number the code itself leaves out.
func (f *rewriter) mask(b *ast.BinaryExpr) {
	t := f.pkg.info.Types[b.Y]
	if t.Value == nil || b.Op != token.AND && b.Op != token.AND_NOT {
		return
	}
	value, _ := constant.Uint64Val(constant.ToInt(t.Value))
	if b.Op == token.AND {
		value = ^value
	}
	f.masked[ast.Unparen(b.X)] = value
}

// policyFlags drops each flag of a number that comes from the policy.
func (f *rewriter) policyFlags(call *ast.CallExpr) {
	for _, bit := range f.flagsOf(call) {
		if f.masked[call]&bit == 0 {
			n := f.mutant(call, fmt.Sprintf("without 0x%x", bit))
			f.wrap(call, fmt.Sprintf("mutant.Bit[uint64](%d, 0x%x, ", n, bit), ")")
		}
	}
}

func (f *rewriter) flagsOf(call *ast.CallExpr) []uint64 {
	if s, is := call.Fun.(*ast.SelectorExpr); is && f.isOfPolicy(call) {
		return flagsOfPolicy[s.Sel.Name]
	}
	return nil
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
		if f.isOfPolicy(x) && isInteger(t.Type) && f.flagsOf(x) == nil {
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
	"FSOPEN_", "FSMOUNT_", "AT_EMPTY_PATH", "LO_FLAGS_", "POLL", "CLOSE_RANGE_", "MSG_CMSG", "SECCOMP_FILTER_FLAG_", "Landlock", "LANDLOCK_ACCESS_", "LANDLOCK_SCOPE_"}

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
