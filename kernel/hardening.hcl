# What the kernel of Anchor OS is held to. One block is one rule; `passportc gate kernel` judges them, and
# docs/KERNEL.md says how to read a finding and how to waive a rule.
#
#   option     a line of the configuration (kernel/config-hardened)
#   any, all   several options that are judged as one
#   parameter  a word of the kernel's command line
#   sysctl     a setting of the running kernel; together with
#   file       what else it shows, these are what Bay0 reads again in every period of its watchdog
#   waiver     a rule that is broken, with the reason, an owner and an end
#
# A rule demands exactly one of: value, values (one of them), range, form (a regular expression), flag (given
# without a value), off, absent. value = "n" wants an option that is there and off: if a new kernel renames
# it, the gate fails. off = true also takes one that is not there because what it depends on is off.
#
# reason says what goes wrong without the rule, source who asks for it. "kernel:" is a file of the kernel's
# source; KSPP is the Kernel Self Protection Project; CLIP OS is the hardened system of ANSSI, France.
# architectures, since and before limit a rule to some kernels: before = "6.17" is for all up to 6.16.

# ---- A kernel that finds itself broken stops: the panic or the watchdog resets the machine, and the next
# boot is clean.

option "CONFIG_BUG" {
  value  = "y"
  reason = "the kernel's own checks would be compiled out and a broken kernel would go on"
  source = "kernel: Documentation/security/self-protection.rst"
  class  = "self-protection"
}

option "CONFIG_BUG_ON_DATA_CORRUPTION" {
  value  = "y"
  reason = "a list or a page table that is known to be corrupt would only be reported, and used"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_PANIC_ON_OOPS" {
  value  = "y"
  reason = "an exploit that misses could try again in a kernel that has lost its locks and counts"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_PANIC_TIMEOUT" {
  value  = -1
  reason = "a machine that has panicked would stand still instead of booting again"
  source = "kernel: lib/Kconfig.debug, PANIC_TIMEOUT"
  class  = "self-protection"
}

option "CONFIG_SCHED_STACK_END_CHECK" {
  value  = "y"
  reason = "a task that has run over the end of its stack would be scheduled again"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_WERROR" {
  value  = "y"
  reason = "a kernel for which the compiler had a warning would be shipped"
  source = "KSPP Recommended Settings, arm64"
  class  = "self-protection"
}

option "CONFIG_DEBUG_NOTIFIERS" {
  value  = "y"
  reason = "an overwritten list of callbacks would be called without a look at where it leads"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_DEBUG_SG" {
  value  = "y"
  reason = "a device would be handed a scatter list that was never initialised"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_DEBUG_VIRTUAL" {
  value  = "y"
  reason = "an address outside the linear map would be turned into a wrong physical one"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

any "checked lists" {
  reason = "an overflow that reaches a list's pointers turns every insertion into a write to wherever it says"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
  option "CONFIG_LIST_HARDENED" {
    value = "y"
  }
  option "CONFIG_DEBUG_LIST" {
    value = "y"
  }
}

# ---- Code and read-only data stay what was signed.

option "CONFIG_STRICT_KERNEL_RWX" {
  value  = "y"
  reason = "the kernel's code could be written to and its data executed"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_RODATA_FULL_DEFAULT_ENABLED" {
  value         = "y"
  architectures = ["aarch64"]
  reason        = "read-only pages could be written to through their alias in the linear map"
  source        = "kernel: arch/arm64/configs/defconfig"
  class         = "self-protection"
}

option "CONFIG_DEBUG_WX" {
  value  = "y"
  reason = "a page that is both writable and executable would go unnoticed at boot"
  source = "KSPP Recommended Settings, arm64"
  class  = "self-protection"
}

option "CONFIG_PTDUMP_DEBUGFS" {
  off    = true
  reason = "page tables would be shown in debugfs"
  source = "kernel-hardening-checker, cut_attack_surface as grsecurity has it"
  class  = "attack-surface"
}

option "CONFIG_ARM_PTDUMP_DEBUGFS" {
  off    = true
  reason = "page tables would be shown in debugfs"
  source = "kernel-hardening-checker, cut_attack_surface"
  class  = "attack-surface"
}

any "no module can be loaded, or signed ones only" {
  reason = "code that nobody signed could be loaded, or symbols be there for it"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
  option "CONFIG_MODULES" {
    value = "n"
  }
  all {
    option "CONFIG_STRICT_MODULE_RWX" {
      value = "y"
    }
    option "CONFIG_MODULE_SIG" {
      value = "y"
    }
    option "CONFIG_MODULE_SIG_ALL" {
      value = "y"
    }
    option "CONFIG_MODULE_SIG_SHA512" {
      value = "y"
    }
    option "CONFIG_MODULE_SIG_FORCE" {
      value = "y"
    }
    option "CONFIG_TRIM_UNUSED_KSYMS" {
      value = "y"
    }
  }
}

option "CONFIG_MODULES" {
  value  = "n"
  reason = "code that is loaded later is in no measurement of the boot"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "attack-surface"
}

option "CONFIG_MODULE_FORCE_LOAD" {
  off    = true
  reason = "modules of another kernel could be loaded"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "attack-surface"
}

option "CONFIG_LIVEPATCH" {
  off    = true
  reason = "the kernel's functions could be replaced while it runs"
  source = "kernel-hardening-checker, cut_attack_surface"
  class  = "attack-surface"
}

option "CONFIG_STATIC_USERMODEHELPER" {
  value  = "y"
  reason = "whoever can overwrite modprobe_path or its like would have the kernel start a program of theirs as root"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_STATIC_USERMODEHELPER_PATH" {
  value  = ""
  reason = "the kernel would start a program, where there is none that it should"
  source = "kernel: security/Kconfig, help of STATIC_USERMODEHELPER_PATH"
  class  = "self-protection"
}

# ---- Stacks: what is on them is neither left over, nor overrun, nor at a known place.

option "CONFIG_VMAP_STACK" {
  value  = "y"
  reason = "a stack that overflows would write into whatever lies beside it"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_THREAD_INFO_IN_TASK" {
  value  = "y"
  reason = "an overflowing stack would reach the limits of the task's addresses"
  source = "kernel: Documentation/security/self-protection.rst"
  class  = "self-protection"
}

option "CONFIG_STACKPROTECTOR" {
  value  = "y"
  reason = "an overflow in a stack frame would reach the return address unseen"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_STACKPROTECTOR_STRONG" {
  value  = "y"
  reason = "functions with small arrays would have no canary"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_STACKPROTECTOR_PER_TASK" {
  value         = "y"
  architectures = ["aarch64"]
  reason        = "one leaked canary would be that of every task"
  source        = "kernel: arch/arm64/configs/defconfig"
  class         = "self-protection"
}

any "stack variables are initialised" {
  reason = "what an earlier call left on the stack would be used, or copied to a program"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
  option "CONFIG_INIT_STACK_ALL_ZERO" {
    value = "y"
  }
  all {
    option "CONFIG_GCC_PLUGIN_STRUCTLEAK" {
      value = "y"
    }
    option "CONFIG_GCC_PLUGIN_STRUCTLEAK_BYREF_ALL" {
      value = "y"
    }
  }
}

option "CONFIG_KSTACK_ERASE" {
  value  = "y"
  since  = "6.17"
  reason = "what one system call left on its stack could be leaked by the next"
  source = "KSPP Recommended Settings, GCC plugins"
  class  = "self-protection"
}

option "CONFIG_GCC_PLUGIN_STACKLEAK" {
  value  = "y"
  before = "6.17"
  reason = "what one system call left on its stack could be leaked by the next"
  source = "KSPP Recommended Settings, GCC plugins"
  class  = "self-protection"
}

option "CONFIG_STACKLEAK_METRICS" {
  value  = "n"
  before = "6.17"
  reason = "/proc would tell how deep each task's stack goes"
  source = "KSPP Recommended Settings, GCC plugins"
  class  = "attack-surface"
}

option "CONFIG_STACKLEAK_RUNTIME_DISABLE" {
  value  = "n"
  before = "6.17"
  reason = "the erasing of stacks could be switched off while the kernel runs"
  source = "KSPP Recommended Settings, GCC plugins"
  class  = "self-protection"
}

option "CONFIG_RANDOMIZE_KSTACK_OFFSET" {
  value  = "y"
  reason = "every system call would find its stack at the same place"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_RANDOMIZE_KSTACK_OFFSET_DEFAULT" {
  value  = "y"
  reason = "every system call would find its stack at the same place unless the command line says otherwise"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_SHADOW_CALL_STACK" {
  value         = "y"
  architectures = ["aarch64"]
  reason        = "a return address that was overwritten would be returned to"
  source        = "KSPP Recommended Settings, arm64"
  class         = "self-protection"
}

option "CONFIG_ZERO_CALL_USED_REGS" {
  value  = "y"
  reason = "registers would carry what a function knew to its caller, and gadgets would find them filled"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

# ---- The heap: freed and fresh memory tells nothing and is hard to aim at.

option "CONFIG_SLUB_DEBUG" {
  value  = "y"
  reason = "the checks that slab_nomerge and red zones rest on would not be there"
  source = "kernel: Documentation/security/self-protection.rst"
  class  = "self-protection"
}

option "CONFIG_RANDOM_KMALLOC_CACHES" {
  value  = "y"
  reason = "an object that is freed too early could be replaced by one of the attacker's from the same cache"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_SLAB_MERGE_DEFAULT" {
  value  = "n"
  reason = "objects of different kinds would share pages, and so overflows and reuse reach further"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_SLAB_FREELIST_HARDENED" {
  value  = "y"
  reason = "the list of free objects could be overwritten to hand out any address"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_SLAB_FREELIST_RANDOM" {
  value  = "y"
  reason = "it would be known which object comes to lie behind which"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_SLAB_BUCKETS" {
  value  = "y"
  since  = "6.11"
  reason = "objects whose size a program decides would lie among the kernel's own"
  source = "kernel: mm/Kconfig"
  class  = "self-protection"
}

option "CONFIG_SHUFFLE_PAGE_ALLOCATOR" {
  value  = "y"
  reason = "it would be known which page is handed out next"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_INIT_ON_ALLOC_DEFAULT_ON" {
  value  = "y"
  reason = "fresh memory would carry another room's data"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_INIT_ON_FREE_DEFAULT_ON" {
  value  = "y"
  reason = "freed memory would keep its data until somebody finds it, in a leak or with the machine off"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_HARDENED_USERCOPY" {
  value  = "y"
  reason = "a wrong length would copy neighbours of an object to a program, or over them"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_HARDENED_USERCOPY_DEFAULT_ON" {
  value  = "y"
  since  = "6.15"
  reason = "the checks of copies to programs would be there and off"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_FORTIFY_SOURCE" {
  value  = "y"
  reason = "a copy longer than the object that it is for would be made"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

all "array bounds are checked, and only those" {
  before = "6.15"
  reason = "an index beyond an array would be followed; of the other checks each would stop a kernel for what is no attack"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
  option "CONFIG_UBSAN" {
    value = "y"
  }
  option "CONFIG_UBSAN_TRAP" {
    value = "y"
  }
  option "CONFIG_UBSAN_BOUNDS" {
    value = "y"
  }
  option "CONFIG_UBSAN_SHIFT" {
    off = true
  }
  option "CONFIG_UBSAN_DIV_ZERO" {
    off = true
  }
  option "CONFIG_UBSAN_UNREACHABLE" {
    off = true
  }
  option "CONFIG_UBSAN_SIGNED_WRAP" {
    off = true
  }
  option "CONFIG_UBSAN_BOOL" {
    off = true
  }
  option "CONFIG_UBSAN_ENUM" {
    off = true
  }
  option "CONFIG_UBSAN_ALIGNMENT" {
    off = true
  }
}

all "array bounds are checked, and only those, from 6.15 on" {
  since  = "6.15"
  reason = "an index beyond an array would be followed; of the other checks each would stop a kernel for what is no attack"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
  option "CONFIG_UBSAN" {
    value = "y"
  }
  option "CONFIG_UBSAN_TRAP" {
    value = "y"
  }
  option "CONFIG_UBSAN_BOUNDS" {
    value = "y"
  }
  option "CONFIG_UBSAN_SHIFT" {
    off = true
  }
  option "CONFIG_UBSAN_DIV_ZERO" {
    off = true
  }
  option "CONFIG_UBSAN_UNREACHABLE" {
    off = true
  }
  option "CONFIG_UBSAN_INTEGER_WRAP" {
    off = true
  }
  option "CONFIG_UBSAN_BOOL" {
    off = true
  }
  option "CONFIG_UBSAN_ENUM" {
    off = true
  }
  option "CONFIG_UBSAN_ALIGNMENT" {
    off = true
  }
}

any "bounds of local arrays, where the compiler has the check" {
  reason = "an index beyond a local array would be followed"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
  option "CONFIG_UBSAN_LOCAL_BOUNDS" {
    value = "y"
  }
  option "CONFIG_CC_IS_GCC" {
    value = "y"
  }
}

option "CONFIG_KFENCE" {
  value  = "y"
  reason = "no use after free and no overflow would ever be caught where it happens"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_KFENCE_SAMPLE_INTERVAL" {
  value  = 100
  reason = "allocations would be guarded too seldom to catch anything"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_PAGE_TABLE_CHECK" {
  value  = "y"
  reason = "a page of one room could be mapped into another by a mistake in the page tables"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_PAGE_TABLE_CHECK_ENFORCED" {
  value  = "y"
  reason = "page tables would be checked only if the command line asks for it"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_KASAN_HW_TAGS" {
  value         = "y"
  architectures = ["aarch64"]
  reason        = "where the processor tags memory, a stale or overflowing pointer would go unnoticed"
  source        = "KSPP Recommended Settings, arm64"
  class         = "self-protection"
}

option "CONFIG_KASAN_GENERIC" "CONFIG_KASAN_SW_TAGS" {
  value  = "n"
  reason = "a debugging check would slow the machine to a third and hide hardware tags"
  source = "kernel: Documentation/dev-tools/kasan.rst"
  class  = "self-protection"
}

# ---- Addresses: what lies where is not known and not told.

option "CONFIG_RANDOMIZE_BASE" {
  value  = "y"
  reason = "the kernel would lie at a known address"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_RANDOMIZE_MEMORY" {
  value         = "y"
  architectures = ["x86_64"]
  reason        = "the direct map of all memory would lie at a known address"
  source        = "kernel-hardening-checker, self_protection, defconfig"
  class         = "self-protection"
}

option "CONFIG_RANDOMIZE_MODULE_REGION_FULL" {
  value         = "y"
  architectures = ["aarch64"]
  reason        = "the region for code that is loaded would tell where the kernel lies"
  source        = "kernel: arch/arm64/configs/defconfig"
  class         = "self-protection"
}

option "CONFIG_RANDSTRUCT_FULL" {
  value  = "y"
  reason = "the layout of the kernel's structures would be that of every kernel built of this source"
  source = "KSPP Recommended Settings, GCC plugins"
  class  = "self-protection"
}

option "CONFIG_RANDSTRUCT_PERFORMANCE" {
  value  = "n"
  reason = "fields would be shuffled within cache lines only"
  source = "KSPP Recommended Settings, GCC plugins"
  class  = "self-protection"
}

option "CONFIG_GCC_PLUGIN_LATENT_ENTROPY" {
  value  = "y"
  reason = "a machine without a random number generator would boot with what others can guess"
  source = "KSPP Recommended Settings, GCC plugins"
  class  = "self-protection"
}

option "CONFIG_KALLSYMS" {
  value  = "n"
  reason = "names and addresses of all functions would be in the kernel, for whoever can read it"
  source = "CLIP OS, Kernel, Configuration"
  class  = "attack-surface"
}

option "CONFIG_SECURITY_DMESG_RESTRICT" {
  value  = "y"
  reason = "every program could read the kernel's log, and addresses in it"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_PROC_KCORE" {
  value  = "n"
  reason = "all of the kernel's memory would be a file"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "attack-surface"
}

option "CONFIG_PROC_VMCORE" {
  off    = true
  reason = "the memory of a kernel that crashed would be a file"
  source = "kernel-hardening-checker, cut_attack_surface as grsecurity has it"
  class  = "attack-surface"
}

option "CONFIG_PROC_PAGE_MONITOR" {
  value  = "n"
  reason = "/proc would tell which physical pages a program has, which is where attacks on memory rows begin"
  source = "kernel: Documentation/admin-guide/mm/pagemap.rst"
  class  = "attack-surface"
}

option "CONFIG_VMLINUX_MAP" {
  value  = "n"
  since  = "6.0"
  reason = "a map of the kernel's addresses would be written beside it"
  source = "kernel: lib/Kconfig.debug, VMLINUX_MAP"
  class  = "attack-surface"
}

# ---- The processor: what it offers against the kernel's own mistakes and its own.

option "CONFIG_CPU_MITIGATIONS" {
  value  = "y"
  since  = "6.9"
  reason = "no leak of the processor would be stopped"
  source = "kernel: Documentation/security/self-protection.rst"
  class  = "self-protection"
}

option "CONFIG_UNMAP_KERNEL_AT_EL0" {
  value         = "y"
  architectures = ["aarch64"]
  reason        = "programs could read the kernel's memory by speculation (CVE-2017-5754)"
  source        = "KSPP Recommended Settings, arm64"
  class         = "self-protection"
}

option "CONFIG_MITIGATE_SPECTRE_BRANCH_HISTORY" {
  value         = "y"
  architectures = ["aarch64"]
  reason        = "a program could choose where the kernel speculates to (CVE-2022-23960)"
  source        = "kernel: arch/arm64/configs/defconfig"
  class         = "self-protection"
}

option "CONFIG_ARM64_E0PD" {
  value         = "y"
  architectures = ["aarch64"]
  reason        = "a program could time its way through the kernel's addresses"
  source        = "KSPP Recommended Settings, arm64"
  class         = "self-protection"
}

option "CONFIG_ARM64_PAN" {
  value         = "y"
  architectures = ["aarch64"]
  reason        = "the kernel could be led to read and write a program's memory"
  source        = "kernel: arch/arm64/configs/defconfig"
  class         = "self-protection"
}

option "CONFIG_ARM64_EPAN" {
  value         = "y"
  architectures = ["aarch64"]
  reason        = "the kernel could be led to read a program's code"
  source        = "KSPP Recommended Settings, arm64"
  class         = "self-protection"
}

option "CONFIG_ARM64_SW_TTBR0_PAN" {
  value         = "y"
  architectures = ["aarch64"]
  reason        = "on processors without PAN the kernel could be led to a program's memory"
  source        = "KSPP Recommended Settings, arm64"
  class         = "self-protection"
}

option "CONFIG_ARM64_PTR_AUTH" {
  value         = "y"
  architectures = ["aarch64"]
  reason        = "programs could not sign their return addresses"
  source        = "KSPP Recommended Settings, arm64"
  class         = "userspace"
}

option "CONFIG_ARM64_PTR_AUTH_KERNEL" {
  value         = "y"
  architectures = ["aarch64"]
  reason        = "the kernel's return addresses would not be signed"
  source        = "KSPP Recommended Settings, arm64"
  class         = "self-protection"
}

option "CONFIG_ARM64_BTI" {
  value         = "y"
  architectures = ["aarch64"]
  reason        = "a jump to the middle of a program's function would be carried out"
  source        = "KSPP Recommended Settings, arm64"
  class         = "userspace"
}

option "CONFIG_ARM64_BTI_KERNEL" {
  value         = "y"
  architectures = ["aarch64"]
  reason        = "a jump to the middle of a kernel function would be carried out"
  source        = "KSPP Recommended Settings, arm64"
  class         = "self-protection"
}

option "CONFIG_ARM64_MTE" {
  value         = "y"
  architectures = ["aarch64"]
  reason        = "the processor's memory tags would be there and unused"
  source        = "KSPP Recommended Settings, arm64"
  class         = "self-protection"
}

option "CONFIG_ARM64_GCS" {
  value         = "y"
  architectures = ["aarch64"]
  since         = "6.13"
  reason        = "programs could not keep their return addresses where only calls write"
  source        = "kernel-hardening-checker, harden_userspace"
  class         = "userspace"
}

all "control flow is checked" {
  architectures = ["aarch64"]
  before        = "6.18"
  reason        = "a function pointer that was overwritten would be called whatever its type"
  source        = "KSPP Recommended Settings, arm64"
  class         = "self-protection"
  option "CONFIG_CC_IS_CLANG" {
    value = "y"
  }
  option "CONFIG_CFI_CLANG" {
    value = "y"
  }
  option "CONFIG_CFI_PERMISSIVE" {
    off = true
  }
}

all "control flow is checked, from 6.18 on" {
  architectures = ["aarch64"]
  since         = "6.18"
  reason        = "a function pointer that was overwritten would be called whatever its type"
  source        = "KSPP Recommended Settings, arm64"
  class         = "self-protection"
  option "CONFIG_CFI" {
    value = "y"
  }
  option "CONFIG_CFI_PERMISSIVE" {
    off = true
  }
}

option "CONFIG_SCHED_CORE" {
  value  = "y"
  reason = "rooms that must not share a core's threads could not be kept apart"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

# ---- Devices and firmware: nothing writes to memory that is not meant for it.

option "CONFIG_IOMMU_SUPPORT" {
  value  = "y"
  reason = "every device could write to all memory"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_IOMMU_DEFAULT_DMA_STRICT" {
  value  = "y"
  reason = "a device could write to memory for a while after it was taken back"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_IOMMU_DEFAULT_PASSTHROUGH" {
  value  = "n"
  reason = "devices would see all memory untranslated"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_ARM_SMMU" {
  value         = "y"
  architectures = ["aarch64"]
  reason        = "the IOMMU of many AArch64 machines would not be used"
  source        = "kernel: arch/arm64/configs/defconfig"
  class         = "self-protection"
}

option "CONFIG_ARM_SMMU_DISABLE_BYPASS_BY_DEFAULT" {
  value         = "y"
  architectures = ["aarch64"]
  reason        = "a device that nobody has set up could write to all memory"
  source        = "kernel: arch/arm64/configs/defconfig"
  class         = "self-protection"
}

option "CONFIG_ARM_SMMU_V3" {
  value         = "y"
  architectures = ["aarch64"]
  reason        = "the IOMMU of newer AArch64 machines would not be used"
  source        = "kernel: arch/arm64/configs/defconfig"
  class         = "self-protection"
}

option "CONFIG_EFI_DISABLE_PCI_DMA" {
  value  = "y"
  reason = "devices could write to memory between the firmware and the IOMMU's start"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_RESET_ATTACK_MITIGATION" {
  value  = "y"
  reason = "keys would still be in memory when an attacker boots the machine into their own system"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_HW_RANDOM_TPM" {
  value  = "y"
  reason = "a machine with no other generator would take no random numbers from its TPM"
  source = "KSPP Recommended Settings, arm64"
  class  = "self-protection"
}

option "CONFIG_EFI_CUSTOM_SSDT_OVERLAYS" {
  value  = "n"
  reason = "a variable in flash could add ACPI code to a signed boot"
  source = "CLIP OS, Kernel, Configuration"
  class  = "attack-surface"
}

option "CONFIG_EFI_ARMSTUB_DTB_LOADER" {
  value  = "n"
  reason = "an unsigned device tree from the ESP would be taken"
  source = "kernel: drivers/firmware/efi/Kconfig, EFI_ARMSTUB_DTB_LOADER"
  class  = "attack-surface"
}

option "CONFIG_ACPI_TABLE_UPGRADE" {
  value  = "n"
  reason = "an initrd could replace the firmware's ACPI tables"
  source = "CLIP OS, Kernel, Configuration"
  class  = "attack-surface"
}

option "CONFIG_ACPI_CONFIGFS" {
  value  = "n"
  reason = "root could add ACPI code while the machine runs"
  source = "kernel-hardening-checker, cut_attack_surface as grsecurity has it"
  class  = "attack-surface"
}

option "CONFIG_ACPI_DEBUGGER" "CONFIG_ACPI_DEBUG" {
  value  = "n"
  reason = "a debugger for ACPI code would be part of the kernel"
  source = "kernel: drivers/acpi/Kconfig"
  class  = "attack-surface"
}

option "CONFIG_EFI_TEST" {
  value  = "n"
  reason = "every EFI run-time service could be called from a program"
  source = "kernel-hardening-checker, lockdown"
  class  = "attack-surface"
}

option "CONFIG_EFI_CAPSULE_LOADER" {
  value  = "n"
  reason = "a program could hand the firmware an update"
  source = "kernel: drivers/firmware/efi/Kconfig, EFI_CAPSULE_LOADER"
  class  = "attack-surface"
}

option "CONFIG_HOTPLUG_PCI" "CONFIG_USB_SUPPORT" "CONFIG_FIREWIRE" "CONFIG_PCCARD" "CONFIG_USB4" {
  value  = "n"
  reason = "a device that somebody plugs in would find a driver for what it says it is"
  source = "kernel: Documentation/security/self-protection.rst, Attack Surface Reduction"
  class  = "attack-surface"
}

option "CONFIG_PROVIDE_OHCI1394_DMA_INIT" {
  off    = true
  reason = "FireWire would let another machine read and write memory"
  source = "kernel-hardening-checker, cut_attack_surface as grsecurity has it"
  class  = "attack-surface"
}

# ---- Lockdown: root is not the kernel.

option "CONFIG_SECURITY_LOCKDOWN_LSM" {
  value  = "y"
  reason = "root could read and change the kernel"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_SECURITY_LOCKDOWN_LSM_EARLY" {
  value  = "y"
  reason = "parameters and early drivers would run before lockdown does"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_LOCK_DOWN_KERNEL_FORCE_CONFIDENTIALITY" {
  value  = "y"
  reason = "root could read the kernel's memory, or lockdown wait to be asked for"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "self-protection"
}

option "CONFIG_LSM" {
  value  = "lockdown,yama,landlock"
  reason = "the modules that rooms rest on would be compiled in and not run"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "security-policy"
}

option "CONFIG_DEVMEM" {
  value  = "n"
  reason = "all physical memory would be a file"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "attack-surface"
}

option "CONFIG_DEVPORT" {
  value  = "n"
  reason = "all I/O ports would be a file"
  source = "kernel-hardening-checker, cut_attack_surface as grsecurity has it"
  class  = "attack-surface"
}

option "CONFIG_KEXEC" {
  off    = true
  reason = "another kernel could be started without firmware, signature or measurement"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "attack-surface"
}

option "CONFIG_KEXEC_FILE" {
  value  = "n"
  reason = "another kernel could be started without firmware and measurement"
  source = "CLIP OS, Kernel, Configuration"
  class  = "attack-surface"
}

option "CONFIG_HIBERNATION" {
  off    = true
  reason = "the kernel's memory would be written to a disk and read back"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "attack-surface"
}

option "CONFIG_CRASH_DUMP" {
  off    = true
  reason = "the kernel's memory would be handed to another kernel"
  source = "CLIP OS, Kernel, Configuration"
  class  = "attack-surface"
}

option "CONFIG_BPF_SYSCALL" {
  value  = "n"
  reason = "programs could have code of theirs run in the kernel (CVE-2021-3490, CVE-2022-23222)"
  source = "kernel-hardening-checker, lockdown"
  class  = "attack-surface"
}

option "CONFIG_BPF_JIT" {
  value  = "n"
  reason = "socket filters would be compiled to executable pages whose content a program chooses"
  source = "kernel: kernel/bpf/Kconfig"
  class  = "attack-surface"
}

option "CONFIG_BPF_UNPRIV_DEFAULT_OFF" {
  off    = true
  reason = "without bpf(2) there is nothing for it to restrict, with it every program could use bpf(2)"
  source = "kernel: kernel/bpf/Kconfig, BPF_UNPRIV_DEFAULT_OFF"
  class  = "attack-surface"
}

option "CONFIG_PERF_EVENTS" {
  value  = "n"
  reason = "programs could sample the kernel and reach a large and faulty part of it (CVE-2013-2094, CVE-2023-5717)"
  source = "kernel: Documentation/admin-guide/perf-security.rst"
  class  = "attack-surface"
}

option "CONFIG_PROFILING" {
  value  = "n"
  reason = "the kernel could be told to profile itself"
  source = "kernel: init/Kconfig, PROFILING"
  class  = "attack-surface"
}

option "CONFIG_KPROBES" {
  value  = "n"
  reason = "code could be put anywhere into the kernel"
  source = "kernel-hardening-checker, lockdown"
  class  = "attack-surface"
}

option "CONFIG_KPROBE_EVENTS" "CONFIG_UPROBE_EVENTS" {
  off    = true
  reason = "traces could be put into any function"
  source = "kernel-hardening-checker, cut_attack_surface as grsecurity has it"
  class  = "attack-surface"
}

option "CONFIG_FTRACE" {
  value  = "n"
  reason = "the kernel's functions could be traced and redirected"
  source = "kernel-hardening-checker, cut_attack_surface"
  class  = "attack-surface"
}

option "CONFIG_GENERIC_TRACER" "CONFIG_FUNCTION_TRACER" "CONFIG_STACK_TRACER" "CONFIG_HIST_TRIGGERS" "CONFIG_BLK_DEV_IO_TRACE" {
  off    = true
  reason = "a part of the tracer would be there and tell what the kernel and rooms do"
  source = "kernel-hardening-checker, cut_attack_surface as grsecurity has it"
  class  = "attack-surface"
}

option "CONFIG_PREEMPTIRQ_TRACEPOINTS" "CONFIG_ENABLE_DEFAULT_TRACERS" {
  off    = true
  reason = "a part of the tracer would be there and tell what the kernel and rooms do"
  source = "kernel-hardening-checker, cut_attack_surface as grsecurity has it"
  class  = "attack-surface"
}

option "CONFIG_MMIOTRACE" "CONFIG_MMIOTRACE_TEST" {
  off    = true
  reason = "accesses to devices could be traced and, by the test, made"
  source = "kernel-hardening-checker, cut_attack_surface"
  class  = "attack-surface"
}

option "CONFIG_DEBUG_FS" {
  value  = "n"
  reason = "the kernel's inside would be shown and could be changed, under rules of nobody's"
  source = "kernel-hardening-checker, cut_attack_surface as grsecurity has it"
  class  = "attack-surface"
}

option "CONFIG_KGDB" {
  value  = "n"
  reason = "a debugger on the serial line could change the kernel"
  source = "kernel-hardening-checker, cut_attack_surface as grsecurity has it"
  class  = "attack-surface"
}

option "CONFIG_MAGIC_SYSRQ" {
  value  = "n"
  reason = "keys, or a break on the serial line, would command the kernel past every policy"
  source = "CLIP OS, Kernel, Configuration"
  class  = "attack-surface"
}

option "CONFIG_MAGIC_SYSRQ_SERIAL" {
  off    = true
  reason = "a break on the serial line would command the kernel"
  source = "kernel-hardening-checker, grapheneos"
  class  = "attack-surface"
}

option "CONFIG_USER_NS" {
  value  = "n"
  reason = "every program could be root over kernel code that was written for root (CVE-2022-0185, CVE-2023-32233)"
  source = "CLIP OS, Kernel, Configuration"
  class  = "attack-surface"
}

option "CONFIG_KALLSYMS_SELFTEST" {
  off    = true
  since  = "6.2"
  reason = "a test of symbols would be part of the kernel"
  source = "kernel: init/Kconfig, KALLSYMS_SELFTEST"
  class  = "attack-surface"
}

# ---- System calls and files of /proc that rooms have no use for and attackers do.

option "CONFIG_IO_URING" {
  value  = "n"
  reason = "operations would be carried out that no seccomp filter sees (CVE-2022-29582, CVE-2023-2598)"
  source = "kernel-hardening-checker, cut_attack_surface as grsecurity has it"
  class  = "attack-surface"
}

option "CONFIG_USERFAULTFD" {
  value  = "n"
  reason = "a program could stop the kernel in the middle of a copy, for as long as a race needs"
  source = "kernel-hardening-checker, cut_attack_surface as grsecurity has it"
  class  = "attack-surface"
}

option "CONFIG_AIO" {
  value  = "n"
  reason = "an old interface with faults of its own would be there beside the usual ones"
  source = "CLIP OS, Kernel, Configuration"
  class  = "attack-surface"
}

option "CONFIG_KCMP" {
  value  = "n"
  reason = "programs could learn the order of kernel addresses"
  source = "kernel-hardening-checker, cut_attack_surface as grsecurity has it"
  class  = "attack-surface"
}

option "CONFIG_RSEQ" {
  value  = "n"
  reason = "the kernel would write to a program's memory at each preemption"
  source = "kernel-hardening-checker, cut_attack_surface as grsecurity has it"
  class  = "attack-surface"
}

option "CONFIG_CACHESTAT_SYSCALL" {
  value  = "n"
  since  = "6.5"
  reason = "a program could see which files another one reads"
  source = "kernel: init/Kconfig, CACHESTAT_SYSCALL"
  class  = "attack-surface"
}

option "CONFIG_CHECKPOINT_RESTORE" {
  value  = "n"
  reason = "/proc and prctl would show and change what only a checkpoint needs"
  source = "kernel-hardening-checker, cut_attack_surface as grsecurity has it"
  class  = "attack-surface"
}

option "CONFIG_MEM_SOFT_DIRTY" {
  off    = true
  reason = "/proc and prctl would show and change what only a checkpoint needs"
  source = "kernel-hardening-checker, cut_attack_surface as grsecurity has it"
  class  = "attack-surface"
}

option "CONFIG_CROSS_MEMORY_ATTACH" {
  value  = "n"
  reason = "a program could read and write another one's memory in one call"
  source = "kernel: init/Kconfig, CROSS_MEMORY_ATTACH"
  class  = "attack-surface"
}

option "CONFIG_COREDUMP" {
  value  = "n"
  reason = "the memory of a program that crashes would be written somewhere"
  source = "CLIP OS, Kernel, Configuration"
  class  = "userspace"
}

option "CONFIG_ALLOW_DEV_COREDUMP" {
  value  = "n"
  reason = "drivers would offer dumps of their memory as files"
  source = "kernel: drivers/base/Kconfig, ALLOW_DEV_COREDUMP"
  class  = "attack-surface"
}

option "CONFIG_DEV_COREDUMP" {
  off    = true
  reason = "drivers would offer dumps of their memory as files"
  source = "kernel: drivers/base/Kconfig, DEV_COREDUMP"
  class  = "attack-surface"
}

option "CONFIG_PROC_MEM_NO_FORCE" {
  value  = "y"
  since  = "6.12"
  reason = "/proc/PID/mem would write even where the program itself cannot (CVE-2012-0056)"
  source = "kernel-hardening-checker, harden_userspace"
  class  = "userspace"
}

all "writes through /proc/PID/mem have one answer" {
  since  = "6.12"
  reason = "a debugger would write where the program itself cannot"
  source = "kernel: security/Kconfig"
  class  = "userspace"
  option "CONFIG_PROC_MEM_ALWAYS_FORCE" {
    off = true
  }
  option "CONFIG_PROC_MEM_FORCE_PTRACE" {
    off = true
  }
}

option "CONFIG_COMPAT" {
  value  = "n"
  reason = "32-bit programs would reach every system call by a second, less tested way (CVE-2021-22555)"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "attack-surface"
}

option "CONFIG_COMPAT_BRK" {
  value  = "n"
  reason = "the heap would begin right behind the program"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "userspace"
}

option "CONFIG_COMPAT_32BIT_TIME" {
  value  = "n"
  reason = "system calls for a time that ends in 2038 would be there"
  source = "kernel: arch/Kconfig, COMPAT_32BIT_TIME"
  class  = "attack-surface"
}

option "CONFIG_ARCH_MMAP_RND_BITS" {
  value         = 33
  architectures = ["aarch64"]
  reason        = "a program's libraries would be easier to find"
  source        = "kernel-hardening-checker, harden_userspace"
  class         = "userspace"
}

option "CONFIG_DEFAULT_MMAP_MIN_ADDR" {
  value  = 65536
  reason = "a null pointer in the kernel could be made to point to a program's memory"
  source = "KSPP Recommended Settings, arm64"
  class  = "self-protection"
}

option "CONFIG_LSM_MMAP_MIN_ADDR" {
  value         = 65536
  architectures = ["aarch64"]
  reason        = "root could map the page that a null pointer points to"
  source        = "kernel-hardening-checker, self_protection"
  class         = "self-protection"
}

option "CONFIG_SECCOMP_CACHE_DEBUG" {
  value  = "n"
  reason = "/proc would show every program's filter"
  source = "kernel-hardening-checker, cut_attack_surface"
  class  = "attack-surface"
}

option "CONFIG_BINFMT_MISC" {
  value  = "n"
  reason = "root could register interpreters that run with a program's rights"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "attack-surface"
}

option "CONFIG_BINFMT_SCRIPT" {
  value  = "n"
  reason = "a room could run scripts by an interpreter that nobody gave it as program"
  source = "kernel: fs/Kconfig.binfmt, BINFMT_SCRIPT"
  class  = "attack-surface"
}

option "CONFIG_USELIB" "CONFIG_SYSFS_SYSCALL" "CONFIG_SGETMASK_SYSCALL" {
  value  = "n"
  reason = "a system call that nothing has used for decades would be there (CVE-2004-1235 in uselib)"
  source = "kernel: init/Kconfig"
  class  = "attack-surface"
}

option "CONFIG_UID16" {
  off    = true
  reason = "a system call that nothing has used for decades would be there (CVE-2004-1235 in uselib)"
  source = "kernel: init/Kconfig, UID16"
  class  = "attack-surface"
}

option "CONFIG_SYSVIPC" {
  value  = "n"
  reason = "shared memory and queues would have no file, and so no Landlock rule"
  source = "kernel: init/Kconfig, SYSVIPC"
  class  = "attack-surface"
}

option "CONFIG_POSIX_MQUEUE" {
  value  = "y"
  reason = "there would be no IPC namespaces without System V IPC, and rooms would share what there is of it"
  source = "kernel: init/Kconfig, POSIX_MQUEUE"
  class  = "function"
}

option "CONFIG_KEYS" {
  value  = "n"
  reason = "keyrings, which cross rooms and have had faults of their own (CVE-2016-0728), would be there"
  source = "kernel: security/keys/Kconfig"
  class  = "attack-surface"
}

option "CONFIG_WATCH_QUEUE" {
  value  = "n"
  reason = "notifications that write past their pipe would be there (CVE-2022-0995)"
  source = "kernel: init/Kconfig, WATCH_QUEUE"
  class  = "attack-surface"
}

option "CONFIG_FANOTIFY" {
  value  = "n"
  reason = "root could watch and delay every room's files"
  source = "kernel: fs/notify/fanotify/Kconfig, FANOTIFY"
  class  = "attack-surface"
}

option "CONFIG_TIME_NS" {
  value  = "n"
  reason = "clocks of rooms could differ, which nothing here asks for"
  source = "kernel: init/Kconfig, TIME_NS"
  class  = "attack-surface"
}

option "CONFIG_LEGACY_PTYS" {
  value  = "n"
  reason = "terminals that every program can open would lie about"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "attack-surface"
}

option "CONFIG_UNIX98_PTYS" {
  value  = "n"
  reason = "rooms would have terminals to push input into"
  source = "kernel: drivers/tty/Kconfig, UNIX98_PTYS"
  class  = "attack-surface"
}

option "CONFIG_LEGACY_TIOCSTI" {
  value  = "n"
  reason = "a program could type into its terminal (CVE-2017-5226)"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "attack-surface"
}

option "CONFIG_LDISC_AUTOLOAD" {
  value  = "n"
  reason = "any program could load a line discipline (CVE-2017-2636)"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "attack-surface"
}

option "CONFIG_N_GSM" {
  value  = "n"
  reason = "a line discipline with a line of faults would be there (CVE-2023-6546)"
  source = "kernel-hardening-checker, maintainers: openwall oss-security, 2024-04-17"
  class  = "attack-surface"
}

option "CONFIG_VT" {
  value  = "n"
  reason = "virtual terminals would be there, with their fonts and keymaps (CVE-2020-14390)"
  source = "kernel-hardening-checker, maintainers"
  class  = "attack-surface"
}

option "CONFIG_INPUT" {
  value  = "n"
  reason = "keyboards would be read where nobody types"
  source = "kernel: drivers/input/Kconfig, INPUT"
  class  = "attack-surface"
}

option "CONFIG_INPUT_EVBUG" {
  off    = true
  reason = "a key logger would be part of the kernel"
  source = "kernel-hardening-checker, cut_attack_surface"
  class  = "attack-surface"
}

option "CONFIG_SWAP" {
  value  = "n"
  reason = "a room's memory would be written to a disk in clear"
  source = "kernel: mm/Kconfig, SWAP"
  class  = "attack-surface"
}

option "CONFIG_KSM" {
  value  = "n"
  reason = "a room could learn by timing what pages another one has (CVE-2015-2877)"
  source = "CLIP OS, Kernel, Configuration"
  class  = "attack-surface"
}

option "CONFIG_UIO" {
  value  = "n"
  reason = "programs could drive devices"
  source = "kernel: drivers/uio/Kconfig, UIO"
  class  = "attack-surface"
}

option "CONFIG_VFIO" {
  value  = "n"
  reason = "programs could drive devices"
  source = "kernel: drivers/vfio/Kconfig, VFIO"
  class  = "attack-surface"
}

any "no /dev/mem, or a strict one" {
  reason = "memory that a driver uses could be read and written by root"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "attack-surface"
  option "CONFIG_DEVMEM" {
    value = "n"
  }
  all {
    option "CONFIG_STRICT_DEVMEM" {
      value = "y"
    }
    option "CONFIG_IO_STRICT_DEVMEM" {
      value = "y"
    }
  }
}

# ---- Code that is for testing, tracing or debugging a kernel.

option "CONFIG_STAGING" {
  value  = "n"
  reason = "drivers of unproven quality would be there"
  source = "CLIP OS, Kernel, Configuration"
  class  = "attack-surface"
}

option "CONFIG_KCOV" "CONFIG_LATENCYTOP" "CONFIG_PROVE_LOCKING" "CONFIG_NOTIFIER_ERROR_INJECTION" "CONFIG_DEBUG_KMEMLEAK" {
  value  = "n"
  reason = "a debugging aid would tell about the kernel or break it on purpose"
  source = "kernel-hardening-checker, cut_attack_surface as grsecurity has it"
  class  = "attack-surface"
}

option "CONFIG_HWPOISON_INJECT" "CONFIG_FAIL_FUTEX" "CONFIG_EDAC_DEBUG" "CONFIG_SUNRPC_DEBUG" "CONFIG_ZSMALLOC_STAT" {
  off    = true
  reason = "a debugging aid would tell about the kernel or break it on purpose"
  source = "kernel-hardening-checker, cut_attack_surface as grsecurity has it"
  class  = "attack-surface"
}

option "CONFIG_DEBUG_CLOSURES" "CONFIG_XFS_ONLINE_SCRUB_STATS" "CONFIG_TEST_DEBUG_VIRTUAL" {
  off    = true
  reason = "a debugging aid would tell about the kernel or break it on purpose"
  source = "kernel-hardening-checker, cut_attack_surface as grsecurity has it"
  class  = "attack-surface"
}

option "CONFIG_FAULT_INJECTION" "CONFIG_CORESIGHT" {
  value  = "n"
  reason = "a testing aid would break the kernel on purpose or trace it"
  source = "kernel-hardening-checker, cut_attack_surface"
  class  = "attack-surface"
}

option "CONFIG_LKDTM" {
  off    = true
  reason = "a testing aid would break the kernel on purpose or trace it"
  source = "kernel-hardening-checker, cut_attack_surface"
  class  = "attack-surface"
}

option "CONFIG_KUNIT" "CONFIG_RUNTIME_TESTING_MENU" "CONFIG_SAMPLES" {
  value  = "n"
  reason = "tests and samples would be part of a shipped kernel"
  source = "kernel: lib/Kconfig.debug, lib/kunit/Kconfig, samples/Kconfig"
  class  = "attack-surface"
}

option "CONFIG_DYNAMIC_DEBUG" {
  value  = "n"
  reason = "messages for developers could be switched on"
  source = "kernel: lib/Kconfig.debug, DYNAMIC_DEBUG"
  class  = "attack-surface"
}

option "CONFIG_PAGE_OWNER" {
  value  = "n"
  reason = "who has which page would be recorded and told"
  source = "kernel: mm/Kconfig.debug, PAGE_OWNER"
  class  = "attack-surface"
}

option "CONFIG_IKCONFIG" "CONFIG_IKHEADERS" {
  value  = "n"
  reason = "the kernel would tell exactly how it was built"
  source = "kernel: init/Kconfig"
  class  = "attack-surface"
}

# ---- Drivers and file systems that no room needs.

option "CONFIG_FB" "CONFIG_DRM" {
  value  = "n"
  reason = "a graphics driver's large interface would be there"
  source = "kernel-hardening-checker, maintainers"
  class  = "attack-surface"
}

option "CONFIG_DRM_I915_DEBUG" "CONFIG_DVB_C8SECTPFE" "CONFIG_PUNIT_ATOM_DEBUG" "CONFIG_MTD_SLRAM" "CONFIG_MTD_PHRAM" {
  off    = true
  reason = "a driver's debugging aid, or one for memory given by address, would be there"
  source = "kernel-hardening-checker, cut_attack_surface as grsecurity has it"
  class  = "attack-surface"
}

option "CONFIG_VIDEO_VIVID" {
  off    = true
  reason = "a test driver with known faults would be there (CVE-2019-18683)"
  source = "kernel-hardening-checker, cut_attack_surface"
  class  = "attack-surface"
}

option "CONFIG_BLK_DEV_FD" "CONFIG_BLK_DEV_FD_RAWCMD" {
  off    = true
  reason = "the floppy driver would be there (CVE-2014-1737)"
  source = "kernel-hardening-checker, maintainers"
  class  = "attack-surface"
}

option "CONFIG_BLK_DEV_UBLK" {
  value  = "n"
  reason = "block devices could be served by programs, through io_uring"
  source = "kernel-hardening-checker, cut_attack_surface as grsecurity has it"
  class  = "attack-surface"
}

option "CONFIG_BLK_DEV_WRITE_MOUNTED" {
  value  = "n"
  since  = "6.8"
  reason = "a mounted file system could be changed below the kernel's feet, which then reads what it never checked"
  source = "kernel-hardening-checker, cut_attack_surface"
  class  = "attack-surface"
}

option "CONFIG_BLK_DEV_NBD" "CONFIG_BLK_DEV_RAM" "CONFIG_ZRAM" {
  value  = "n"
  reason = "a block device that no room uses would be there"
  source = "kernel: drivers/block/Kconfig, drivers/block/zram/Kconfig"
  class  = "attack-surface"
}

option "CONFIG_NETWORK_FILESYSTEMS" {
  value  = "n"
  reason = "file systems and servers would take packets in the kernel (CVE-2022-47939)"
  source = "kernel-hardening-checker, cut_attack_surface as grsecurity has it"
  class  = "attack-surface"
}

option "CONFIG_SMB_SERVER" {
  off    = true
  reason = "file systems and servers would take packets in the kernel (CVE-2022-47939)"
  source = "kernel-hardening-checker, cut_attack_surface as grsecurity has it"
  class  = "attack-surface"
}

option "CONFIG_OVERLAY_FS" {
  value  = "n"
  reason = "a file system that stacks rights on others would be there (CVE-2023-0386)"
  source = "kernel: fs/overlayfs/Kconfig, OVERLAY_FS"
  class  = "attack-surface"
}

option "CONFIG_FUSE_FS" {
  value  = "n"
  reason = "a program could answer, and delay, the kernel's reads of files"
  source = "kernel: fs/fuse/Kconfig, FUSE_FS"
  class  = "attack-surface"
}

option "CONFIG_CRAMFS" "CONFIG_HFS_FS" "CONFIG_HFSPLUS_FS" "CONFIG_UDF_FS" "CONFIG_ISO9660_FS" "CONFIG_VFAT_FS" "CONFIG_NTFS3_FS" {
  value  = "n"
  reason = "a disk with a file system that nobody means to read would find a parser in the kernel"
  source = "kernel: Documentation/security/self-protection.rst, Attack Surface Reduction"
  class  = "attack-surface"
}

option "CONFIG_BTRFS_FS" "CONFIG_XFS_FS" "CONFIG_F2FS_FS" "CONFIG_JFS_FS" "CONFIG_REISERFS_FS" "CONFIG_EROFS_FS" {
  value  = "n"
  reason = "a disk with a file system that nobody means to read would find a parser in the kernel"
  source = "kernel: Documentation/security/self-protection.rst, Attack Surface Reduction"
  class  = "attack-surface"
}

option "CONFIG_XFS_SUPPORT_V4" {
  off    = true
  reason = "an old format without checksums would be read"
  source = "kernel-hardening-checker, cut_attack_surface"
  class  = "attack-surface"
}

option "CONFIG_AUTOFS_FS" {
  value  = "n"
  reason = "mounts would be made because a path was looked up"
  source = "kernel: fs/autofs/Kconfig, AUTOFS_FS"
  class  = "attack-surface"
}

option "CONFIG_MSDOS_PARTITION" "CONFIG_MAC_PARTITION" "CONFIG_LDM_PARTITION" {
  value  = "n"
  reason = "a partition table that nobody writes would find a parser in the kernel"
  source = "kernel: block/partitions/Kconfig"
  class  = "attack-surface"
}

option "CONFIG_INITRAMFS_PRESERVE_MTIME" {
  value  = "n"
  reason = "times in the initrd would be kept, which nothing reads"
  source = "kernel: init/Kconfig, INITRAMFS_PRESERVE_MTIME"
  class  = "attack-surface"
}

option "CONFIG_VIRTUALIZATION" {
  value  = "n"
  reason = "virtual machines could be started, with a hypervisor's interface"
  source = "kernel: arch/arm64/kvm/Kconfig"
  class  = "attack-surface"
}

option "CONFIG_SOUND" "CONFIG_MEDIA_SUPPORT" {
  value  = "n"
  reason = "drivers with faults of their own would be there for what no room has"
  source = "kernel: drivers/media/Kconfig, sound/Kconfig"
  class  = "attack-surface"
}

option "CONFIG_HYPERV" "CONFIG_XEN" "CONFIG_VMWARE_VMCI" {
  value  = "n"
  reason = "a hypervisor's interface would be there that this machine does not run on"
  source = "kernel: arch/arm64/Kconfig, drivers/hv/Kconfig, drivers/misc/vmw_vmci/Kconfig"
  class  = "attack-surface"
}

# ---- Mandatory access control beside Landlock.

option "CONFIG_SECURITY_SELINUX_BOOTPARAM" "CONFIG_SECURITY_SELINUX_DEVELOP" "CONFIG_SECURITY_SELINUX_DEBUG" {
  off    = true
  reason = "SELinux could be switched off at boot or made permissive"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "security-policy"
}

any "mandatory access control by labels or paths" {
  reason = "root in no room would be held by a policy that root cannot leave"
  source = "kernel-hardening-checker, security_policy"
  class  = "security-policy"
  option "CONFIG_SECURITY_SELINUX" {
    value = "y"
  }
  option "CONFIG_SECURITY_APPARMOR" {
    value = "y"
  }
  option "CONFIG_SECURITY_SMACK" {
    value = "y"
  }
  option "CONFIG_SECURITY_TOMOYO" {
    value = "y"
  }
}

# ---- Network: IPv4, TCP, UDP and local sockets, and nothing that parses anything else.

option "CONFIG_SYN_COOKIES" {
  value  = "y"
  reason = "a flood of SYNs would fill the table of half-open connections"
  source = "KSPP Recommended Settings, arm64"
  class  = "network"
}

option "CONFIG_INET_DIAG" {
  value  = "n"
  reason = "any program could list all connections, those of other rooms too"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "network"
}

option "CONFIG_UNIX_DIAG" "CONFIG_NETLINK_DIAG" {
  value  = "n"
  reason = "any program could list sockets of others"
  source = "kernel: net/netlink/Kconfig, net/unix/Kconfig"
  class  = "network"
}

option "CONFIG_PACKET_DIAG" {
  off    = true
  reason = "any program could list sockets of others"
  source = "kernel: net/packet/Kconfig, PACKET_DIAG"
  class  = "network"
}

option "CONFIG_PACKET" {
  value  = "n"
  reason = "root could read and write raw frames, by code with a line of faults (CVE-2016-8655, CVE-2017-7308)"
  source = "kernel: net/packet/Kconfig, PACKET"
  class  = "network"
}

option "CONFIG_IPV6" {
  value  = "n"
  reason = "a second network stack would be there that no room is granted"
  source = "kernel: net/ipv6/Kconfig, IPV6"
  class  = "network"
}

option "CONFIG_MPTCP" {
  value  = "n"
  reason = "TCP connections would be made that Landlock's port rules do not see"
  source = "kernel-hardening-checker, cut_attack_surface as grsecurity has it"
  class  = "network"
}

option "CONFIG_TLS" {
  value  = "n"
  reason = "a protocol of the kernel's own would sit on sockets (CVE-2023-0461)"
  source = "kernel-hardening-checker, cut_attack_surface as grsecurity has it"
  class  = "network"
}

option "CONFIG_IP_SCTP" {
  value  = "n"
  reason = "a protocol that Landlock does not govern would be there (CVE-2019-8956)"
  source = "kernel-hardening-checker, cut_attack_surface as grsecurity has it"
  class  = "network"
}

option "CONFIG_IP_DCCP" {
  value  = "n"
  before = "6.16"
  reason = "a protocol that nobody uses would be there (CVE-2017-6074)"
  source = "kernel-hardening-checker, cut_attack_surface"
  class  = "network"
}

option "CONFIG_TIPC" {
  value  = "n"
  reason = "a cluster protocol would take packets (CVE-2021-43267)"
  source = "kernel-hardening-checker, cut_attack_surface as grsecurity has it"
  class  = "network"
}

option "CONFIG_RDS" {
  value  = "n"
  reason = "a cluster protocol would take packets (CVE-2010-3904, CVE-2019-11815)"
  source = "kernel: net/rds/Kconfig, RDS"
  class  = "network"
}

option "CONFIG_SMC" {
  off    = true
  reason = "TCP connections would be made over RDMA, past Landlock's port rules"
  source = "kernel: net/smc/Kconfig, SMC"
  class  = "network"
}

option "CONFIG_VSOCKETS" {
  value  = "n"
  reason = "a room could reach the hypervisor's host (CVE-2021-26708)"
  source = "kernel: net/vmw_vsock/Kconfig, VSOCKETS"
  class  = "network"
}

option "CONFIG_NETFILTER" {
  value  = "n"
  reason = "a packet filter with a machine of its own would be there (CVE-2024-1086)"
  source = "kernel: net/Kconfig, NETFILTER"
  class  = "network"
}

option "CONFIG_NET_SCHED" {
  value  = "n"
  reason = "packet schedulers and classifiers would be there (CVE-2022-2588, CVE-2023-31436)"
  source = "kernel: net/sched/Kconfig, NET_SCHED"
  class  = "network"
}

option "CONFIG_XFRM_USER" {
  value  = "n"
  reason = "IPsec could be configured (CVE-2017-16939)"
  source = "kernel: net/xfrm/Kconfig, XFRM_USER"
  class  = "network"
}

option "CONFIG_NET_KEY" "CONFIG_INET_ESP" "CONFIG_INET_AH" {
  value  = "n"
  reason = "IPsec would be there (CVE-2022-27666)"
  source = "kernel: net/ipv4/Kconfig, net/xfrm/Kconfig"
  class  = "network"
}

option "CONFIG_L2TP" {
  value  = "n"
  reason = "a tunnel would be there (CVE-2016-10200)"
  source = "kernel: net/l2tp/Kconfig, L2TP"
  class  = "network"
}

option "CONFIG_TUN" {
  value  = "n"
  reason = "a program could make a network card of its own"
  source = "kernel: drivers/net/Kconfig, TUN"
  class  = "network"
}

option "CONFIG_VETH" "CONFIG_MACVLAN" "CONFIG_IPVLAN" "CONFIG_BRIDGE" "CONFIG_DUMMY" "CONFIG_BONDING" "CONFIG_VXLAN" {
  value  = "n"
  reason = "virtual cards would be there, and rooms have none"
  source = "kernel: drivers/net/Kconfig, net/bridge/Kconfig"
  class  = "network"
}

option "CONFIG_WIRELESS" "CONFIG_WLAN" "CONFIG_BT" "CONFIG_NFC" {
  value  = "n"
  reason = "a radio's parser of frames would be there (CVE-2020-12351 in Bluetooth)"
  source = "kernel: Documentation/security/self-protection.rst, Attack Surface Reduction"
  class  = "network"
}

option "CONFIG_CAN" "CONFIG_ATM" "CONFIG_PPP" "CONFIG_SLIP" "CONFIG_PHONET" "CONFIG_ATALK" "CONFIG_X25" "CONFIG_LLC2" {
  value  = "n"
  reason = "a family of protocols that no room speaks would be there (CVE-2021-3609 in CAN)"
  source = "kernel: Documentation/security/self-protection.rst, Attack Surface Reduction"
  class  = "network"
}

option "CONFIG_IEEE802154" "CONFIG_HAMRADIO" "CONFIG_AF_RXRPC" "CONFIG_AF_KCM" "CONFIG_CAIF" "CONFIG_BATMAN_ADV" "CONFIG_OPENVSWITCH" {
  value  = "n"
  reason = "a family of protocols that no room speaks would be there (CVE-2021-3609 in CAN)"
  source = "kernel: Documentation/security/self-protection.rst, Attack Surface Reduction"
  class  = "network"
}

option "CONFIG_MPLS" "CONFIG_NET_9P" {
  value  = "n"
  reason = "a family of protocols that no room speaks would be there (CVE-2021-3609 in CAN)"
  source = "kernel: Documentation/security/self-protection.rst, Attack Surface Reduction"
  class  = "network"
}

option "CONFIG_CRYPTO_USER_API_HASH" "CONFIG_CRYPTO_USER_API_SKCIPHER" "CONFIG_CRYPTO_USER_API_RNG" "CONFIG_CRYPTO_USER_API_AEAD" {
  value  = "n"
  reason = "programs could reach the kernel's ciphers by sockets (CVE-2019-8912)"
  source = "kernel: crypto/Kconfig"
  class  = "attack-surface"
}

option "CONFIG_NETCONSOLE" "CONFIG_NET_PKTGEN" {
  value  = "n"
  reason = "the kernel would send packets of its own"
  source = "kernel: drivers/net/Kconfig, net/Kconfig"
  class  = "network"
}

option "CONFIG_IP_PNP_DHCP" {
  value  = "n"
  reason = "the kernel could wait for a DHCP server before PID 1, and believe it"
  source = "kernel: net/ipv4/Kconfig, IP_PNP_DHCP"
  class  = "network"
}

option "CONFIG_TCP_MD5SIG" {
  value  = "n"
  reason = "a signature that proves nothing today would be there"
  source = "kernel: net/ipv4/Kconfig, TCP_MD5SIG"
  class  = "network"
}

# ---- What confines a room: without it Bay0 cannot start, or the room runs free.

option "CONFIG_SECURITY" {
  value  = "y"
  reason = "there would be no security modules"
  source = "kernel: Documentation/userspace-api/landlock.rst"
  class  = "security-policy"
}

option "CONFIG_SECURITY_LANDLOCK" {
  value  = "y"
  reason = "rooms would have no rules for files, ports and signals, and Bay0 refuses to start one"
  source = "kernel: Documentation/userspace-api/landlock.rst"
  class  = "security-policy"
}

option "CONFIG_SECURITY_NETWORK" {
  value  = "y"
  reason = "Landlock would have no hook for sockets, and so no rules for ports"
  source = "kernel: security/landlock/Kconfig"
  class  = "function"
}

option "CONFIG_SECURITY_PATH" {
  value  = "y"
  reason = "Landlock would have no hook for paths"
  source = "kernel: security/landlock/Kconfig"
  class  = "function"
}

option "CONFIG_SECURITY_YAMA" {
  value  = "y"
  reason = "a program could attach to another one of the same user"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "security-policy"
}

option "CONFIG_SECURITYFS" {
  value  = "y"
  reason = "Bay0 could not read whether the kernel is locked down"
  source = "kernel: security/Kconfig"
  class  = "function"
}

option "CONFIG_SECCOMP" {
  value  = "y"
  reason = "there would be no filters of system calls"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "security-policy"
}

option "CONFIG_SECCOMP_FILTER" {
  value  = "y"
  reason = "there would be no filters of system calls, and Bay0 cannot start a room"
  source = "KSPP Recommended Settings, CONFIGs"
  class  = "security-policy"
}

option "CONFIG_NAMESPACES" {
  value  = "y"
  reason = "rooms would see each other"
  source = "kernel: init/Kconfig"
  class  = "function"
}

option "CONFIG_PID_NS" {
  value  = "y"
  reason = "a room would see every other room's processes"
  source = "kernel: init/Kconfig"
  class  = "function"
}

option "CONFIG_NET_NS" {
  value  = "y"
  reason = "a room would see the machine's network"
  source = "kernel: init/Kconfig"
  class  = "function"
}

option "CONFIG_UTS_NS" {
  value  = "y"
  reason = "a room would see the machine's host name, and could change it"
  source = "kernel: init/Kconfig"
  class  = "function"
}

option "CONFIG_IPC_NS" {
  value  = "y"
  reason = "a room would see every other room's message queues"
  source = "kernel: init/Kconfig"
  class  = "function"
}

option "CONFIG_CGROUPS" {
  value  = "y"
  reason = "rooms would have no limits, and Bay0 cannot start one"
  source = "kernel: Documentation/admin-guide/cgroup-v2.rst"
  class  = "function"
}

option "CONFIG_MEMCG" {
  value  = "y"
  reason = "a room could take the memory that another was promised"
  source = "kernel: Documentation/admin-guide/cgroup-v2.rst"
  class  = "function"
}

option "CONFIG_MEMCG_V1" {
  value  = "n"
  since  = "6.11"
  reason = "version 1 of control groups, with its escapes by release_agent (CVE-2022-0492), would be there for memory"
  source = "kernel: init/Kconfig, MEMCG_V1"
  class  = "attack-surface"
}

option "CONFIG_CGROUP_PIDS" {
  value  = "y"
  reason = "a room could fill the machine with processes"
  source = "kernel: Documentation/admin-guide/cgroup-v2.rst"
  class  = "function"
}

option "CONFIG_CGROUP_SCHED" {
  value  = "y"
  reason = "a room could take the processor from others"
  source = "kernel: Documentation/admin-guide/cgroup-v2.rst"
  class  = "function"
}

option "CONFIG_FAIR_GROUP_SCHED" {
  value  = "y"
  reason = "cpu.weight would not be there, which Bay0 writes and reads back"
  source = "kernel: init/Kconfig"
  class  = "function"
}

option "CONFIG_CFS_BANDWIDTH" {
  value  = "y"
  reason = "cpu.max would not be there, which Bay0 writes and reads back"
  source = "kernel: init/Kconfig"
  class  = "function"
}

option "CONFIG_MULTIUSER" {
  value  = "y"
  reason = "every room would run as root"
  source = "kernel: init/Kconfig"
  class  = "function"
}

# ---- What PID 1 and the rooms' programs ask of a kernel.

option "CONFIG_BINFMT_ELF" {
  value  = "y"
  reason = "no program would start"
  source = "kernel: fs/Kconfig.binfmt"
  class  = "function"
}

option "CONFIG_BLK_DEV_INITRD" {
  value  = "y"
  reason = "there would be no initrd, and so no Bay0 and no policy"
  source = "kernel: init/Kconfig"
  class  = "function"
}

option "CONFIG_DEVTMPFS" {
  value  = "y"
  reason = "there would be no device nodes, as nothing else makes them"
  source = "kernel: drivers/base/Kconfig"
  class  = "function"
}

option "CONFIG_DEVTMPFS_SAFE" {
  value  = "y"
  reason = "devices could be mapped as code through /dev, and set-uid files made in it"
  source = "kernel: drivers/base/Kconfig, help of DEVTMPFS_SAFE"
  class  = "self-protection"
}

option "CONFIG_DEVTMPFS_MOUNT" {
  value  = "n"
  reason = "the kernel would mount /dev over what Bay0 mounts itself"
  source = "kernel: drivers/base/Kconfig"
  class  = "function"
}

option "CONFIG_UEVENT_HELPER" {
  value  = "n"
  reason = "the kernel would start a program for each device"
  source = "kernel: drivers/base/Kconfig, help of UEVENT_HELPER"
  class  = "attack-surface"
}

option "CONFIG_FW_LOADER" {
  value  = "n"
  reason = "drivers could load firmware that is in no signature"
  source = "kernel: drivers/base/firmware_loader/Kconfig, FW_LOADER"
  class  = "attack-surface"
}

option "CONFIG_PROC_FS" {
  value  = "y"
  reason = "Bay0 would read neither its command line nor any invariant"
  source = "cmd/bay0/internal/boot"
  class  = "function"
}

option "CONFIG_PROC_SYSCTL" {
  value  = "y"
  reason = "the sysctl rules below could be neither set nor read"
  source = "cmd/bay0/internal/boot"
  class  = "function"
}

option "CONFIG_SYSFS" {
  value  = "y"
  reason = "Bay0 would find neither partitions nor the state of lockdown"
  source = "cmd/bay0/internal/boot"
  class  = "function"
}

option "CONFIG_TMPFS" {
  value  = "y"
  reason = "rooms would have no root to stand on and nowhere to write"
  source = "cmd/bay0/internal/stage"
  class  = "function"
}

option "CONFIG_SHMEM" {
  value  = "y"
  reason = "tmpfs would be the simpler file system without limits of size"
  source = "kernel: init/Kconfig"
  class  = "function"
}

option "CONFIG_FUTEX" {
  value  = "y"
  reason = "Go's runtime and every threaded program would not start"
  source = "kernel: init/Kconfig"
  class  = "function"
}

option "CONFIG_EPOLL" {
  value  = "y"
  reason = "Go's runtime would not wait for files and sockets"
  source = "kernel: init/Kconfig"
  class  = "function"
}

option "CONFIG_EVENTFD" {
  value  = "y"
  reason = "Go's runtime would not wake its poller"
  source = "kernel: init/Kconfig"
  class  = "function"
}

option "CONFIG_POSIX_TIMERS" {
  value  = "y"
  reason = "clock_gettime and timers would fail"
  source = "kernel: init/Kconfig"
  class  = "function"
}

option "CONFIG_MEMBARRIER" {
  value  = "y"
  reason = "programs that rely on it would have no fences between threads"
  source = "kernel: init/Kconfig"
  class  = "function"
}

option "CONFIG_ADVISE_SYSCALLS" {
  value  = "y"
  reason = "Go's runtime could not give memory back"
  source = "kernel: init/Kconfig"
  class  = "function"
}

option "CONFIG_FILE_LOCKING" {
  value  = "y"
  reason = "flock and fcntl locks would fail in rooms"
  source = "kernel: fs/Kconfig"
  class  = "function"
}

option "CONFIG_SIGNALFD" {
  value  = "y"
  reason = "programs in rooms that take signals as files would fail"
  source = "kernel: init/Kconfig"
  class  = "function"
}

option "CONFIG_TIMERFD" {
  value  = "y"
  reason = "programs in rooms that take timers as files would fail"
  source = "kernel: init/Kconfig"
  class  = "function"
}

option "CONFIG_INOTIFY_USER" {
  value  = "y"
  reason = "programs in rooms that watch files would fail"
  source = "kernel: fs/notify/inotify/Kconfig, INOTIFY_USER"
  class  = "function"
}

option "CONFIG_MEMFD_CREATE" {
  value  = "y"
  reason = "a room with the profile desktop could not hand out pictures"
  source = "kernel: mm/Kconfig"
  class  = "function"
}

option "CONFIG_PRINTK" {
  value  = "y"
  reason = "neither the kernel nor Bay0 nor a room would say anything"
  source = "kernel: init/Kconfig"
  class  = "function"
}

option "CONFIG_PRINTK_TIME" {
  value  = "y"
  reason = "lines of the log would have no time"
  source = "kernel: lib/Kconfig.debug, PRINTK_TIME"
  class  = "function"
}

option "CONFIG_HIGH_RES_TIMERS" {
  value  = "y"
  reason = "timers of rooms would be 10 ms coarse"
  source = "kernel: kernel/time/Kconfig, HIGH_RES_TIMERS"
  class  = "function"
}

option "CONFIG_SMP" {
  value  = "y"
  reason = "one processor would do all the work"
  source = "kernel: arch/arm64/Kconfig"
  class  = "function"
}

# ---- Images and volumes.

option "CONFIG_BLOCK" {
  value  = "y"
  reason = "there would be no disks and no loop devices, and so no images"
  source = "kernel: block/Kconfig, BLOCK"
  class  = "function"
}

option "CONFIG_BLK_DEV_LOOP" {
  value  = "y"
  reason = "the images of rooms, which are files of the initrd, could not be mounted"
  source = "cmd/bay0/internal/stage"
  class  = "function"
}

option "CONFIG_SQUASHFS" {
  value  = "y"
  reason = "the images of rooms could not be mounted"
  source = "docs/ROOMS.md"
  class  = "function"
}

option "CONFIG_SQUASHFS_ZSTD" {
  value  = "y"
  reason = "the images of rooms are compressed by zstd and could not be read"
  source = "rooms/build-image"
  class  = "function"
}

option "CONFIG_SQUASHFS_ZLIB" "CONFIG_SQUASHFS_LZ4" "CONFIG_SQUASHFS_LZO" "CONFIG_SQUASHFS_XZ" {
  value  = "n"
  reason = "an image could choose another decompressor"
  source = "kernel: fs/squashfs/Kconfig"
  class  = "attack-surface"
}

option "CONFIG_SQUASHFS_XATTR" {
  value  = "n"
  reason = "attributes of images, which nothing reads, would be parsed (CVE-2024-26982 shows what parsing squashfs costs)"
  source = "kernel: fs/squashfs/Kconfig, SQUASHFS_XATTR"
  class  = "attack-surface"
}

option "CONFIG_EXT4_FS" {
  value  = "y"
  reason = "volumes could not be mounted"
  source = "docs/adr/0003-volumes.md"
  class  = "function"
}

option "CONFIG_EXT4_FS_POSIX_ACL" "CONFIG_EXT4_FS_SECURITY" {
  value  = "n"
  reason = "attributes of volumes, which rooms do not have, would be parsed"
  source = "kernel: fs/ext4/Kconfig"
  class  = "attack-surface"
}

option "CONFIG_PARTITION_ADVANCED" {
  value  = "y"
  reason = "the kernel would look for partition tables of its own choice"
  source = "kernel: block/partitions/Kconfig, PARTITION_ADVANCED"
  class  = "function"
}

option "CONFIG_EFI_PARTITION" {
  value  = "y"
  reason = "volumes, which are found by the names of GPT partitions, would not be found"
  source = "docs/adr/0003-volumes.md"
  class  = "function"
}

option "CONFIG_VIRTIO_BLK" {
  value  = "y"
  reason = "the emulated machine would have no disk"
  source = "kernel: drivers/block/Kconfig"
  class  = "function"
}

# ---- Network that Bay0 does not set up: the kernel does, from its command line.

option "CONFIG_NET" {
  value  = "y"
  reason = "there would be no sockets at all"
  source = "kernel: net/Kconfig"
  class  = "function"
}

option "CONFIG_UNIX" {
  value  = "y"
  reason = "rooms could not talk to each other, nor launcher and governor"
  source = "cmd/bay0/internal/launch"
  class  = "function"
}

option "CONFIG_INET" {
  value  = "y"
  reason = "rooms would have no network"
  source = "docs/adr/0004-network.md"
  class  = "function"
}

option "CONFIG_IP_PNP" {
  value  = "y"
  reason = "ip= would do nothing, and as Bay0 sets up no network there would be none"
  source = "docs/adr/0004-network.md"
  class  = "function"
}

option "CONFIG_VIRTIO_NET" {
  value  = "y"
  reason = "the emulated machine would have no network card"
  source = "kernel: drivers/net/Kconfig"
  class  = "function"
}

# ---- Firmware, buses, the TPM and randomness.

option "CONFIG_EFI" {
  value  = "y"
  reason = "the machine boots by UEFI"
  source = "docs/adr/0001-section-name.md"
  class  = "function"
}

option "CONFIG_EFI_STUB" {
  value  = "y"
  reason = "the image could not be started by UEFI"
  source = "kernel: arch/arm64/Kconfig, EFI_STUB"
  class  = "function"
}

option "CONFIG_EFIVAR_FS" {
  value  = "y"
  reason = "Bay0 could read neither Secure Boot's state nor boot entries"
  source = "kernel: fs/efivarfs/Kconfig, EFIVAR_FS"
  class  = "function"
}

option "CONFIG_ACPI" {
  value  = "y"
  reason = "servers describe themselves by ACPI"
  source = "kernel: drivers/acpi/Kconfig, ACPI"
  class  = "function"
}

option "CONFIG_ACPI_TINY_POWER_BUTTON" {
  value  = "y"
  reason = "the power button would do nothing, and a hypervisor could not ask a machine to end"
  source = "kernel: drivers/acpi/Kconfig, ACPI_TINY_POWER_BUTTON"
  class  = "function"
}

option "CONFIG_ACPI_TINY_POWER_BUTTON_SIGNAL" {
  value  = "38"
  reason = "Bay0 waits for this signal, which systemd takes for the same (systemd(1), SIGRTMIN+4)"
  source = "kernel: drivers/acpi/Kconfig, ACPI_TINY_POWER_BUTTON_SIGNAL"
  class  = "function"
}

option "CONFIG_PCI" {
  value  = "y"
  reason = "disk, network card and watchdog would not be found"
  source = "kernel: drivers/pci/Kconfig, PCI"
  class  = "function"
}

option "CONFIG_VIRTIO_PCI" {
  value  = "y"
  reason = "the emulated machine's devices would not be found"
  source = "kernel: drivers/virtio/Kconfig, VIRTIO_PCI"
  class  = "function"
}

option "CONFIG_VIRTIO_PCI_LEGACY" {
  value  = "n"
  reason = "the older protocol, without checks of what the device offers, would be spoken"
  source = "kernel: drivers/virtio/Kconfig, VIRTIO_PCI_LEGACY"
  class  = "attack-surface"
}

option "CONFIG_TCG_TPM" {
  value  = "y"
  reason = "a room with the vault would have no TPM"
  source = "rooms/vault-access/passport.toml"
  class  = "function"
}

option "CONFIG_TCG_TIS" {
  value  = "y"
  reason = "the usual TPM would not be found"
  source = "rooms/vault-access/passport.toml"
  class  = "function"
}

option "CONFIG_HW_RANDOM" {
  value  = "y"
  reason = "there would be no hardware's random numbers"
  source = "kernel: drivers/char/hw_random/Kconfig, HW_RANDOM"
  class  = "function"
}

option "CONFIG_HW_RANDOM_VIRTIO" {
  value  = "y"
  reason = "an emulated machine would wait long for its first random number, and boot without KASLR"
  source = "kernel: drivers/char/hw_random/Kconfig, HW_RANDOM_VIRTIO"
  class  = "function"
}

option "CONFIG_RELOCATABLE" {
  value         = "y"
  architectures = ["aarch64"]
  reason        = "the kernel could not be placed at random"
  source        = "kernel: arch/arm64/Kconfig"
  class         = "function"
}

option "CONFIG_SERIAL_AMBA_PL011_CONSOLE" {
  value         = "y"
  architectures = ["aarch64"]
  reason        = "a machine would say nothing on its serial line"
  source        = "kernel: drivers/tty/serial/Kconfig, SERIAL_AMBA_PL011_CONSOLE"
  class         = "function"
}

# ---- Watchdogs: once armed nothing disarms them, and one that nobody opens fires.

option "CONFIG_WATCHDOG" {
  value  = "y"
  reason = "a machine that hangs would hang for good"
  source = "kernel: Documentation/watchdog/watchdog-api.rst"
  class  = "function"
}

option "CONFIG_WATCHDOG_NOWAYOUT" {
  value  = "y"
  reason = "a watchdog could be disarmed by closing it"
  source = "kernel: Documentation/watchdog/watchdog-parameters.rst"
  class  = "function"
}

option "CONFIG_WATCHDOG_OPEN_TIMEOUT" {
  range  = [10, 120]
  reason = "a machine whose PID 1 never opens the watchdog would hang for good, or be reset while it starts"
  source = "kernel: drivers/watchdog/Kconfig, WATCHDOG_OPEN_TIMEOUT"
  class  = "function"
}

option "CONFIG_WATCHDOG_HANDLE_BOOT_ENABLED" {
  value  = "y"
  reason = "a watchdog that firmware started would fire before PID 1 takes it"
  source = "kernel: drivers/watchdog/Kconfig, WATCHDOG_HANDLE_BOOT_ENABLED"
  class  = "function"
}

option "CONFIG_WATCHDOG_SYSFS" {
  value  = "y"
  reason = "whether a watchdog can be disarmed could not be read"
  source = "kernel: drivers/watchdog/Kconfig, WATCHDOG_SYSFS"
  class  = "function"
}

option "CONFIG_I6300ESB_WDT" {
  value  = "y"
  reason = "the emulated machine would have no watchdog"
  source = "kernel: drivers/watchdog/Kconfig, I6300ESB_WDT"
  class  = "function"
}

option "CONFIG_SOFT_WATCHDOG" {
  value  = "y"
  reason = "a machine without a watchdog of its own would have none"
  source = "kernel: drivers/watchdog/Kconfig, SOFT_WATCHDOG"
  class  = "function"
}

# ---- x86_64, for those who build for it.

option "CONFIG_MITIGATION_PAGE_TABLE_ISOLATION" {
  value         = "y"
  architectures = ["x86_64"]
  reason        = "programs could read the kernel's memory by speculation (CVE-2017-5754)"
  source        = "KSPP Recommended Settings, x86_64"
  class         = "self-protection"
}

option "CONFIG_MITIGATION_RETPOLINE" {
  value         = "y"
  architectures = ["x86_64"]
  reason        = "a program could choose where the kernel speculates to (CVE-2017-5715)"
  source        = "kernel-hardening-checker, self_protection, defconfig"
  class         = "self-protection"
}

option "CONFIG_MITIGATION_SLS" {
  value         = "y"
  architectures = ["x86_64"]
  reason        = "the processor would speculate past a jump (CVE-2021-26341)"
  source        = "KSPP Recommended Settings, x86_64"
  class         = "self-protection"
}

option "CONFIG_X86_KERNEL_IBT" {
  value         = "y"
  architectures = ["x86_64"]
  reason        = "a jump to the middle of a kernel function would be carried out"
  source        = "kernel-hardening-checker, self_protection, defconfig"
  class         = "self-protection"
}

option "CONFIG_X86_USER_SHADOW_STACK" {
  value         = "y"
  architectures = ["x86_64"]
  reason        = "programs could not keep their return addresses where only calls write"
  source        = "KSPP Recommended Settings, x86_64"
  class         = "self-protection"
}

option "CONFIG_X86_X32_ABI" "CONFIG_IA32_EMULATION" {
  off           = true
  architectures = ["x86_64"]
  reason        = "programs would reach every system call by a second, less tested way (CVE-2014-0038 in x32)"
  source        = "KSPP Recommended Settings, x86_64"
  class         = "attack-surface"
}

option "CONFIG_MODIFY_LDT_SYSCALL" {
  off           = true
  architectures = ["x86_64"]
  reason        = "programs could install segments of their own (CVE-2015-3290)"
  source        = "KSPP Recommended Settings, x86_64"
  class         = "attack-surface"
}

option "CONFIG_X86_VSYSCALL_EMULATION" {
  off           = true
  architectures = ["x86_64"]
  reason        = "code would lie at a known address in every program"
  source        = "KSPP Recommended Settings, x86_64"
  class         = "attack-surface"
}

option "CONFIG_X86_MSR" "CONFIG_X86_CPUID" "CONFIG_X86_IOPL_IOPERM" {
  off           = true
  architectures = ["x86_64"]
  reason        = "root could write to the processor's registers or ports (CVE-2013-0268)"
  source        = "CLIP OS, Kernel, Configuration"
  class         = "attack-surface"
}

# ---- How the kernel hands over to Bay0, as the compiler writes it.

parameter "rdinit" {
  value  = "/bin/bay0"
  reason = "another program of the initrd would be PID 1"
  source = "kernel: Documentation/admin-guide/kernel-parameters.txt, rdinit="
  class  = "function"
}

parameter "init" {
  value  = "/bin/bay0"
  reason = "if rdinit fails, the kernel would look for /sbin/init and at last for a shell"
  source = "kernel: init/main.c, kernel_init"
  class  = "function"
}

parameter "bay0.passports" {
  form   = "^sha256:[0-9a-f]{64}$"
  reason = "an addon to the image could bring a policy of its own"
  source = "docs/FORMAT.md"
  class  = "function"
}

parameter "panic" {
  value  = -1
  reason = "a kernel that has panicked would stand still, and the other slot would never boot"
  source = "kernel: Documentation/admin-guide/kernel-parameters.txt, panic="
  class  = "function"
}

parameter "printk.devkmsg" {
  value    = "on"
  optional = true
  reason   = "the kernel would drop lines of rooms that talk much, by a limit that is not theirs"
  source   = "kernel: Documentation/admin-guide/kernel-parameters.txt, printk.devkmsg="
  class    = "function"
}

parameter "ip" {
  form     = "^[0-9.]+::[0-9.]+:[0-9.]+:[a-z0-9]+:[a-z][a-z0-9]*:off$"
  optional = true
  reason   = "the kernel would ask a server for its address before PID 1 starts, and wait for it"
  source   = "kernel: Documentation/admin-guide/nfs/nfsroot.rst"
  class    = "network"
}

parameter "carrier_timeout" {
  value    = 1
  optional = true
  reason   = "a missing cable would hold up the start for two minutes"
  source   = "kernel: Documentation/admin-guide/kernel-parameters.txt, carrier_timeout="
  class    = "network"
}

# ---- Where the kernel may be more strict than it was built, and never less.

parameter "lockdown" {
  value    = "confidentiality"
  optional = true
  reason   = "less lets root read or change the kernel"
  source   = "KSPP Recommended Settings, kernel command line options"
  class    = "self-protection"
}

parameter "mitigations" {
  values   = ["auto", "auto,nosmt"]
  optional = true
  reason   = "a leak of the processor that the kernel can stop would be left open"
  source   = "KSPP Recommended Settings, kernel command line options"
  class    = "self-protection"
}

parameter "init_on_alloc" {
  value    = 1
  optional = true
  reason   = "fresh memory would carry another room's data"
  source   = "KSPP Recommended Settings, kernel command line options"
  class    = "self-protection"
}

parameter "init_on_free" {
  value    = 1
  optional = true
  reason   = "freed memory would keep its data"
  source   = "KSPP Recommended Settings, kernel command line options"
  class    = "self-protection"
}

parameter "rodata" {
  values   = ["full", "on"]
  optional = true
  reason   = "the kernel's code and constants could be written to"
  source   = "kernel-hardening-checker, the kernel's command line"
  class    = "self-protection"
}

parameter "kpti" {
  values   = ["1", "on"]
  optional = true
  reason   = "programs could learn the kernel's addresses, or its memory (CVE-2017-5754)"
  source   = "kernel-hardening-checker, the kernel's command line"
  class    = "self-protection"
}

parameter "ssbd" {
  values   = ["kernel", "force-on"]
  optional = true
  reason   = "a store could be speculated past (CVE-2018-3639)"
  source   = "kernel-hardening-checker, the kernel's command line"
  class    = "self-protection"
}

parameter "randomize_kstack_offset" {
  values   = ["1", "on", "y"]
  optional = true
  reason   = "every system call would find its stack at the same place"
  source   = "KSPP Recommended Settings, kernel command line options"
  class    = "self-protection"
}

parameter "iommu.strict" {
  value    = 1
  optional = true
  reason   = "a device could write to memory for a while after it was taken back"
  source   = "KSPP Recommended Settings, kernel command line options"
  class    = "self-protection"
}

parameter "iommu.passthrough" {
  value    = 0
  optional = true
  reason   = "devices would see all memory untranslated"
  source   = "KSPP Recommended Settings, kernel command line options"
  class    = "self-protection"
}

parameter "kfence.sample_interval" {
  range    = [1, 100]
  optional = true
  reason   = "allocations would be guarded too seldom to catch anything"
  source   = "KSPP Recommended Settings, kernel command line options"
  class    = "self-protection"
}

parameter "efi" {
  value    = "disable_early_pci_dma"
  optional = true
  reason   = "devices could write to memory before the IOMMU starts"
  source   = "kernel: Documentation/admin-guide/kernel-parameters.txt, efi="
  class    = "self-protection"
}

parameter "proc_mem.force_override" {
  value    = "never"
  optional = true
  reason   = "/proc/PID/mem would write even where the program itself cannot"
  source   = "kernel-hardening-checker, the kernel's command line"
  class    = "userspace"
}

parameter "bdev_allow_write_mounted" {
  value    = 0
  optional = true
  reason   = "a mounted file system could be changed below the kernel's feet"
  source   = "kernel-hardening-checker, the kernel's command line"
  class    = "self-protection"
}

parameter "vsyscall" {
  value    = "none"
  optional = true
  reason   = "code would lie at a known address in every program"
  source   = "KSPP Recommended Settings, kernel command line options"
  class    = "userspace"
}

parameter "oops" {
  value    = "panic"
  optional = true
  reason   = "a kernel that has gone wrong would go on"
  source   = "kernel: Documentation/admin-guide/kernel-parameters.txt, oops="
  class    = "self-protection"
}

parameter "hardened_usercopy" {
  before   = "6.15"
  values   = ["1", "on", "y"]
  optional = true
  reason   = "copies to and from programs would not be checked"
  source   = "kernel: mm/usercopy.c, parse_hardened_usercopy"
  class    = "self-protection"
}

parameter "kasan" {
  value    = "on"
  optional = true
  reason   = "memory would not be tagged where the processor can"
  source   = "kernel: Documentation/dev-tools/kasan.rst, Boot parameters"
  class    = "self-protection"
}

parameter "kasan.mode" {
  value    = "sync"
  optional = true
  reason   = "a wrong access would be noticed when it is over"
  source   = "kernel: Documentation/dev-tools/kasan.rst, Boot parameters"
  class    = "self-protection"
}

parameter "kasan.vmalloc" {
  value    = "on"
  optional = true
  reason   = "stacks and other memory of vmalloc would not be tagged"
  source   = "kernel: Documentation/dev-tools/kasan.rst, Boot parameters"
  class    = "self-protection"
}

parameter "kasan.page_alloc.sample" {
  value    = 1
  optional = true
  reason   = "most large allocations would not be tagged"
  source   = "kernel: Documentation/dev-tools/kasan.rst, Boot parameters"
  class    = "self-protection"
}

parameter "softdog.nowayout" {
  values   = ["1", "y"]
  optional = true
  reason   = "a watchdog that was started could be stopped, and the machine hang for good"
  source   = "kernel: Documentation/watchdog/watchdog-parameters.rst, nowayout"
  class    = "self-protection"
}

parameter "i6300esb.nowayout" {
  values   = ["1", "y"]
  optional = true
  reason   = "a watchdog that was started could be stopped, and the machine hang for good"
  source   = "kernel: Documentation/watchdog/watchdog-parameters.rst, nowayout"
  class    = "self-protection"
}

# ---- What the hardening guides want given.

parameter "page_alloc.shuffle" {
  value  = 1
  reason = "SHUFFLE_PAGE_ALLOCATOR would be built in and off, and it would be known which page comes next"
  source = "KSPP Recommended Settings, kernel command line options"
  class  = "self-protection"
}

parameter "hardened_usercopy" {
  value  = 1
  since  = "6.15"
  reason = "the checks of copies to programs could have been built in and off"
  source = "KSPP Recommended Settings, kernel command line options"
  class  = "self-protection"
}

parameter "hash_pointers" {
  value  = "always"
  since  = "6.17"
  reason = "a parameter for debugging would also show the kernel's addresses"
  source = "KSPP Recommended Settings, kernel command line options"
  class  = "self-protection"
}

parameter "nosmt" {
  value         = "force"
  architectures = ["x86_64"]
  reason        = "two threads of one core can watch each other"
  source        = "KSPP Recommended Settings, kernel command line options"
  class         = "self-protection"
}

# ---- What must never be given; rooms/system.toml cannot say it, an addon or a firmware setting could.

parameter "nokaslr" {
  absent = true
  reason = "the kernel would lie at a known address"
  source = "kernel-hardening-checker, the kernel's command line"
  class  = "self-protection"
}

parameter "no_hash_pointers" {
  absent = true
  reason = "addresses of the kernel would stand in its log"
  source = "kernel-hardening-checker, the kernel's command line"
  class  = "self-protection"
}

parameter "slab_merge" {
  absent = true
  reason = "objects of different kinds would share pages"
  source = "kernel-hardening-checker, the kernel's command line"
  class  = "self-protection"
}

parameter "slub_merge" {
  absent = true
  reason = "objects of different kinds would share pages"
  source = "kernel-hardening-checker, the kernel's command line"
  class  = "self-protection"
}

parameter "slub_debug" {
  absent = true
  reason = "its switches turn pointer hashing off, and checks on that slow the machine"
  source = "kernel: Documentation/admin-guide/kernel-parameters.txt, slab_debug"
  class  = "self-protection"
}

parameter "slab_debug" {
  absent = true
  reason = "its switches turn pointer hashing off, and checks on that slow the machine"
  source = "kernel: Documentation/admin-guide/kernel-parameters.txt, slab_debug"
  class  = "self-protection"
}

parameter "nospectre_v2" {
  absent = true
  reason = "a program could choose where the kernel speculates to (CVE-2017-5715)"
  source = "kernel-hardening-checker, the kernel's command line"
  class  = "self-protection"
}

parameter "nospectre_bhb" {
  absent = true
  reason = "a program could choose where the kernel speculates to (CVE-2022-23960)"
  source = "kernel-hardening-checker, the kernel's command line"
  class  = "self-protection"
}

parameter "arm64.nobti" {
  absent = true
  reason = "programs could not ask for branch targets to be checked"
  source = "kernel-hardening-checker, the kernel's command line"
  class  = "self-protection"
}

parameter "arm64.nopauth" {
  absent = true
  reason = "return addresses would not be signed"
  source = "kernel-hardening-checker, the kernel's command line"
  class  = "self-protection"
}

parameter "arm64.nomte" {
  absent = true
  reason = "memory would not be tagged"
  source = "kernel-hardening-checker, the kernel's command line"
  class  = "self-protection"
}

parameter "nopti" {
  absent = true
  reason = "programs could read the kernel's memory by speculation"
  source = "kernel-hardening-checker, the kernel's command line"
  class  = "self-protection"
}

parameter "norandmaps" {
  absent = true
  reason = "programs would lie at known addresses"
  source = "kernel-hardening-checker, harden_userspace, the kernel's command line"
  class  = "self-protection"
}

parameter "debugfs" {
  absent = true
  reason = "a switch for what should not be there"
  source = "kernel-hardening-checker, the kernel's command line"
  class  = "self-protection"
}

parameter "sysrq_always_enabled" {
  absent = true
  reason = "keys would command the kernel past every policy"
  source = "kernel-hardening-checker, grapheneos, the kernel's command line"
  class  = "self-protection"
}

parameter "kgdboc" {
  absent = true
  reason = "a debugger on the serial line could change the kernel"
  source = "kernel: Documentation/admin-guide/kernel-parameters.txt, kgdboc="
  class  = "self-protection"
}

parameter "kgdbwait" {
  absent = true
  reason = "the kernel would wait for a debugger"
  source = "kernel: Documentation/admin-guide/kernel-parameters.txt, kgdbwait"
  class  = "self-protection"
}

parameter "iomem" {
  absent = true
  reason = "it can open the memory of devices to programs"
  source = "kernel: Documentation/admin-guide/kernel-parameters.txt, iomem="
  class  = "self-protection"
}

parameter "lsm" {
  absent = true
  reason = "it decides which security modules run, and rooms rest on them"
  source = "kernel: Documentation/admin-guide/kernel-parameters.txt, lsm="
  class  = "self-protection"
}

parameter "security" {
  absent = true
  reason = "it decides which security module runs"
  source = "kernel: Documentation/admin-guide/kernel-parameters.txt, security="
  class  = "self-protection"
}

parameter "initcall_blacklist" {
  absent = true
  reason = "it can keep security modules from starting"
  source = "kernel: Documentation/admin-guide/kernel-parameters.txt, initcall_blacklist="
  class  = "self-protection"
}

parameter "cgroup_disable" {
  absent = true
  reason = "rooms would have no limits"
  source = "kernel: Documentation/admin-guide/kernel-parameters.txt, cgroup_disable="
  class  = "self-protection"
}

parameter "cgroup_no_v1" {
  absent = true
  reason = "it is for kernels that have version 1"
  source = "kernel: Documentation/admin-guide/kernel-parameters.txt, cgroup_no_v1="
  class  = "self-protection"
}

parameter "nowatchdog" {
  absent = true
  reason = "a processor that hangs would go unnoticed"
  source = "kernel: Documentation/admin-guide/kernel-parameters.txt, nowatchdog"
  class  = "self-protection"
}

parameter "softdog.soft_noboot" {
  absent = true
  reason = "the software watchdog would only report"
  source = "kernel: Documentation/watchdog/watchdog-parameters.rst"
  class  = "self-protection"
}

parameter "watchdog.open_timeout" {
  absent = true
  reason = "the time until PID 1 must have opened the watchdog could be made endless"
  source = "kernel: Documentation/watchdog/watchdog-parameters.rst, open_timeout"
  class  = "self-protection"
}

parameter "arm64_sw.nokaslr" {
  absent = true
  reason = "it is another name of nokaslr: the kernel would lie at a known address"
  source = "kernel: arch/arm64/kernel/pi/idreg-override.c"
  class  = "self-protection"
}

parameter "arm64_sw.rodataoff" {
  absent = true
  reason = "it is another name of rodata=off: the kernel's code and constants could be written to"
  source = "kernel: arch/arm64/kernel/pi/idreg-override.c"
  class  = "self-protection"
}

parameter "id_aa64pfr1.bt" {
  absent = true
  reason = "it is another name of arm64.nobti: branch targets would not be checked"
  source = "kernel: arch/arm64/kernel/pi/idreg-override.c"
  class  = "self-protection"
}

parameter "id_aa64pfr1.mte" {
  absent = true
  reason = "it is another name of arm64.nomte: memory would not be tagged"
  source = "kernel: arch/arm64/kernel/pi/idreg-override.c"
  class  = "self-protection"
}

parameter "id_aa64isar1.gpi" {
  absent = true
  reason = "it is a part of arm64.nopauth: return addresses would not be signed"
  source = "kernel: arch/arm64/kernel/pi/idreg-override.c"
  class  = "self-protection"
}

parameter "id_aa64isar1.gpa" {
  absent = true
  reason = "it is a part of arm64.nopauth: return addresses would not be signed"
  source = "kernel: arch/arm64/kernel/pi/idreg-override.c"
  class  = "self-protection"
}

parameter "id_aa64isar1.api" {
  absent = true
  reason = "it is a part of arm64.nopauth: return addresses would not be signed"
  source = "kernel: arch/arm64/kernel/pi/idreg-override.c"
  class  = "self-protection"
}

parameter "id_aa64isar1.apa" {
  absent = true
  reason = "it is a part of arm64.nopauth: return addresses would not be signed"
  source = "kernel: arch/arm64/kernel/pi/idreg-override.c"
  class  = "self-protection"
}

parameter "id_aa64isar2.gpa3" {
  absent = true
  reason = "it is a part of arm64.nopauth: return addresses would not be signed"
  source = "kernel: arch/arm64/kernel/pi/idreg-override.c"
  class  = "self-protection"
}

parameter "id_aa64isar2.apa3" {
  absent = true
  reason = "it is a part of arm64.nopauth: return addresses would not be signed"
  source = "kernel: arch/arm64/kernel/pi/idreg-override.c"
  class  = "self-protection"
}

parameter "stack_guard_gap" {
  absent = true
  reason = "a stack could grow into what lies next to it (CVE-2017-1000364)"
  source = "kernel: Documentation/admin-guide/kernel-parameters.txt, stack_guard_gap="
  class  = "self-protection"
}

parameter "initrd" {
  absent = true
  reason = "an initrd that is in no signature would be taken"
  source = "kernel: Documentation/admin-guide/kernel-parameters.txt, initrd="
  class  = "self-protection"
}

parameter "initrdmem" {
  absent = true
  reason = "an initrd that is in no signature would be taken"
  source = "kernel: Documentation/admin-guide/kernel-parameters.txt, initrdmem="
  class  = "self-protection"
}

parameter "noinitrd" {
  absent = true
  reason = "there would be neither Bay0 nor policy"
  source = "kernel: Documentation/admin-guide/kernel-parameters.txt, noinitrd"
  class  = "self-protection"
}

parameter "root" {
  absent = true
  reason = "another root than the signed initrd would be mounted"
  source = "kernel: Documentation/admin-guide/kernel-parameters.txt, root="
  class  = "self-protection"
}

parameter "rootwait" {
  absent = true
  reason = "the kernel would wait for a disk before PID 1 starts, for ever if need be"
  source = "kernel: Documentation/admin-guide/kernel-parameters.txt, rootwait"
  class  = "self-protection"
}

parameter "rootdelay" {
  absent = true
  reason = "the kernel would wait before PID 1 starts"
  source = "kernel: Documentation/admin-guide/kernel-parameters.txt, rootdelay="
  class  = "self-protection"
}

parameter "dm_mod.create" {
  absent = true
  reason = "devices would be made that no policy names"
  source = "kernel: Documentation/admin-guide/device-mapper/dm-init.rst"
  class  = "self-protection"
}

parameter "dm_mod.waitfor" {
  absent = true
  reason = "the kernel would wait for a device before PID 1 starts, for ever if need be"
  source = "kernel: Documentation/admin-guide/device-mapper/dm-init.rst"
  class  = "self-protection"
}

parameter "acpi_rsdp" {
  absent = true
  reason = "ACPI tables from anywhere in memory would be taken"
  source = "kernel: Documentation/admin-guide/kernel-parameters.txt, acpi_rsdp="
  class  = "self-protection"
}

parameter "efivar_ssdt" {
  absent = true
  reason = "ACPI code from a variable would be run"
  source = "kernel: Documentation/admin-guide/kernel-parameters.txt, efivar_ssdt="
  class  = "self-protection"
}

parameter "single" {
  absent = true
  reason = "it would reach Bay0 as an argument, and it accepts none"
  source = "kernel: init/main.c, unknown_bootoption"
  class  = "self-protection"
}

parameter "emergency" {
  absent = true
  reason = "it would reach Bay0 as an argument, and it accepts none"
  source = "kernel: init/main.c, unknown_bootoption"
  class  = "self-protection"
}

# ---- Sysctls. Bay0 reads each in every period of its watchdog; set = true: the compiler puts it on the
# command line.

sysctl "kernel.kptr_restrict" {
  value  = 2
  set    = true
  reason = "addresses of the kernel in /proc would tell an attacker where to aim"
  source = "KSPP Recommended Settings, sysctls"
  class  = "self-protection"
}

sysctl "kernel.dmesg_restrict" {
  value  = 1
  reason = "every program could read the kernel's log"
  source = "KSPP Recommended Settings, sysctls"
  class  = "self-protection"
}

sysctl "kernel.randomize_va_space" {
  value  = 2
  reason = "programs would lie at known addresses"
  source = "KSPP Recommended Settings, sysctls"
  class  = "userspace"
}

sysctl "kernel.yama.ptrace_scope" {
  value  = 3
  set    = true
  reason = "a program could attach to another one of the same user"
  source = "KSPP Recommended Settings, sysctls"
  class  = "userspace"
}

sysctl "kernel.tainted" {
  value  = 0
  reason = "the kernel has run into a fault, an unsigned module or a firmware workaround, and is not what was tested"
  source = "kernel: Documentation/admin-guide/sysctl/kernel.rst, tainted"
  class  = "self-protection"
}

sysctl "kernel.panic" {
  value  = -1
  reason = "a kernel that has panicked would stand still"
  source = "kernel: Documentation/admin-guide/sysctl/kernel.rst, panic"
  class  = "function"
}

sysctl "kernel.panic_on_oops" {
  value  = 1
  reason = "a kernel that has gone wrong would go on"
  source = "KSPP Recommended Settings, CONFIGs: PANIC_ON_OOPS"
  class  = "self-protection"
}

sysctl "kernel.warn_limit" {
  value  = 100
  set    = true
  reason = "an exploit that leaves a warning each time it misses could try without end"
  source = "kernel-hardening-checker, sysctls"
  class  = "self-protection"
}

sysctl "kernel.oops_limit" {
  value  = 100
  set    = true
  reason = "an exploit that leaves an oops each time it misses could overflow a count"
  source = "kernel-hardening-checker, sysctls"
  class  = "self-protection"
}

sysctl "dev.tty.ldisc_autoload" {
  value  = 0
  reason = "any program could load a line discipline (CVE-2017-2636)"
  source = "KSPP Recommended Settings, sysctls"
  class  = "attack-surface"
}

sysctl "dev.tty.legacy_tiocsti" {
  value  = 0
  reason = "a program could type into its terminal (CVE-2017-5226)"
  source = "KSPP Recommended Settings, sysctls"
  class  = "attack-surface"
}

sysctl "user.max_user_namespaces" {
  value  = 0
  set    = true
  reason = "programs could be root over kernel code that was written for root"
  source = "KSPP Recommended Settings, sysctls"
  class  = "attack-surface"
}

sysctl "vm.mmap_min_addr" {
  value  = 65536
  reason = "a null pointer in the kernel could be made to point to a program's memory"
  source = "kernel: Documentation/admin-guide/sysctl/vm.rst, mmap_min_addr"
  class  = "self-protection"
}

sysctl "vm.mmap_rnd_bits" {
  value         = 33
  architectures = ["aarch64"]
  reason        = "a program's libraries would be easier to find"
  source        = "kernel-hardening-checker, harden_userspace, sysctls"
  class         = "userspace"
}

sysctl "fs.protected_symlinks" {
  value  = 1
  reason = "a link in a shared directory could lead another program astray"
  source = "KSPP Recommended Settings, sysctls"
  class  = "userspace"
}

sysctl "fs.protected_hardlinks" {
  value  = 1
  reason = "a link to a file of another user could keep it alive"
  source = "KSPP Recommended Settings, sysctls"
  class  = "userspace"
}

sysctl "fs.protected_fifos" {
  value  = 2
  set    = true
  reason = "a pipe laid into a shared directory could catch what was meant for a file"
  source = "KSPP Recommended Settings, sysctls"
  class  = "userspace"
}

sysctl "fs.protected_regular" {
  value  = 2
  set    = true
  reason = "a file laid into a shared directory could catch what was meant for another"
  source = "KSPP Recommended Settings, sysctls"
  class  = "userspace"
}

sysctl "fs.suid_dumpable" {
  value  = 0
  reason = "the memory of a program that changed its user could be dumped"
  source = "KSPP Recommended Settings, sysctls"
  class  = "userspace"
}

sysctl "net.ipv4.tcp_fastopen" {
  value  = 0
  set    = true
  reason = "data would be sent to ports that Landlock denies (landlock-lsm/linux issue 41)"
  source = "kernel: Documentation/networking/ip-sysctl.rst, tcp_fastopen"
  class  = "network"
}

sysctl "net.ipv4.tcp_syncookies" {
  value  = 1
  reason = "a flood of SYNs would fill the table of half-open connections"
  source = "kernel-hardening-checker, network_security, sysctls"
  class  = "network"
}

sysctl "net.ipv4.ip_forward" {
  value  = 0
  reason = "the machine would pass packets between its interfaces"
  source = "kernel: Documentation/networking/ip-sysctl.rst, ip_forward"
  class  = "network"
}

sysctl "net.ipv4.conf.all.accept_redirects" {
  value  = 0
  set    = true
  reason = "anyone on the network could change the machine's routes"
  source = "kernel-hardening-checker, network_security, sysctls"
  class  = "network"
}

sysctl "net.ipv4.conf.all.accept_source_route" {
  value  = 0
  reason = "a sender could choose the way of the answers"
  source = "kernel-hardening-checker, network_security, sysctls"
  class  = "network"
}

sysctl "net.ipv4.conf.default.accept_redirects" {
  value  = 0
  set    = true
  reason = "anyone on the network could change the machine's routes"
  source = "kernel-hardening-checker, network_security, sysctls"
  class  = "network"
}

sysctl "net.ipv4.conf.default.accept_source_route" {
  value  = 0
  set    = true
  reason = "a sender could choose the way of the answers"
  source = "kernel-hardening-checker, network_security, sysctls"
  class  = "network"
}

sysctl "net.ipv4.conf.all.rp_filter" {
  value  = 1
  set    = true
  reason = "packets with a forged source would be taken"
  source = "kernel: Documentation/networking/ip-sysctl.rst, rp_filter"
  class  = "network"
}

sysctl "net.ipv4.icmp_echo_ignore_broadcasts" {
  value  = 1
  reason = "the machine would answer a broadcast and so take part in a flood"
  source = "kernel-hardening-checker, network_security, sysctls"
  class  = "network"
}

sysctl "net.ipv4.icmp_ignore_bogus_error_responses" {
  value  = 1
  reason = "malformed answers would fill the log"
  source = "kernel-hardening-checker, network_security, sysctls"
  class  = "network"
}

# ---- Sysctls of what is not in the kernel: each would be a way in, if it were.

sysctl "kernel.modules_disabled" {
  absent = true
  reason = "the kernel could load modules"
  source = "KSPP Recommended Settings, sysctls"
  class  = "attack-surface"
}

sysctl "kernel.kexec_load_disabled" {
  absent = true
  reason = "the kernel could start another one"
  source = "KSPP Recommended Settings, sysctls"
  class  = "attack-surface"
}

sysctl "kernel.unprivileged_bpf_disabled" {
  absent = true
  reason = "bpf(2) would be there"
  source = "KSPP Recommended Settings, sysctls"
  class  = "attack-surface"
}

sysctl "net.core.bpf_jit_enable" {
  absent = true
  reason = "filters would be compiled to executable pages"
  source = "KSPP Recommended Settings, sysctls: bpf_jit_harden"
  class  = "attack-surface"
}

sysctl "kernel.perf_event_paranoid" {
  absent = true
  reason = "perf would be there"
  source = "KSPP Recommended Settings, sysctls"
  class  = "attack-surface"
}

sysctl "kernel.io_uring_disabled" {
  absent = true
  reason = "io_uring would be there"
  source = "kernel-hardening-checker, sysctls"
  class  = "attack-surface"
}

sysctl "vm.unprivileged_userfaultfd" {
  absent = true
  reason = "userfaultfd would be there"
  source = "KSPP Recommended Settings, sysctls"
  class  = "attack-surface"
}

sysctl "kernel.sysrq" {
  absent = true
  reason = "the magic key would be there"
  source = "kernel-hardening-checker, sysctls"
  class  = "attack-surface"
}

sysctl "kernel.core_pattern" {
  absent = true
  reason = "core dumps would be written"
  source = "kernel: Documentation/admin-guide/sysctl/kernel.rst, core_pattern"
  class  = "attack-surface"
}

sysctl "kernel.ftrace_enabled" {
  absent = true
  reason = "tracing would be there"
  source = "kernel: Documentation/admin-guide/sysctl/kernel.rst, ftrace_enabled"
  class  = "attack-surface"
}

sysctl "fs.aio-max-nr" {
  absent = true
  reason = "io_submit would be there"
  source = "kernel: Documentation/admin-guide/sysctl/fs.rst, aio-nr"
  class  = "attack-surface"
}

sysctl "net.ipv6.conf.all.disable_ipv6" {
  absent = true
  reason = "IPv6 would be there"
  source = "kernel: Documentation/networking/ip-sysctl.rst"
  class  = "attack-surface"
}

sysctl "net.ipv6.conf.all.accept_ra" {
  absent = true
  reason = "IPv6 would be there"
  source = "kernel-hardening-checker, network_security, sysctls"
  class  = "network"
}

sysctl "net.ipv6.conf.default.accept_ra" {
  absent = true
  reason = "IPv6 would be there"
  source = "kernel-hardening-checker, network_security, sysctls"
  class  = "network"
}

sysctl "net.ipv6.conf.all.accept_redirects" {
  absent = true
  reason = "IPv6 would be there"
  source = "kernel-hardening-checker, network_security, sysctls"
  class  = "network"
}

sysctl "net.ipv6.conf.default.accept_redirects" {
  absent = true
  reason = "IPv6 would be there"
  source = "kernel-hardening-checker, network_security, sysctls"
  class  = "network"
}

sysctl "net.ipv6.conf.all.accept_source_route" {
  absent = true
  reason = "IPv6 would be there"
  source = "kernel-hardening-checker, network_security, sysctls"
  class  = "network"
}

sysctl "net.ipv6.conf.default.accept_source_route" {
  absent = true
  reason = "IPv6 would be there"
  source = "kernel-hardening-checker, network_security, sysctls"
  class  = "network"
}

sysctl "net.mptcp.enabled" {
  absent = true
  reason = "MPTCP would be there, past Landlock's port rules"
  source = "kernel: Documentation/networking/mptcp-sysctl.rst"
  class  = "attack-surface"
}

# ---- Files that the running kernel shows, or must not.

file "/sys/kernel/security/lockdown" {
  value  = "none integrity [confidentiality]"
  reason = "root could read or change the kernel"
  source = "kernel: security/lockdown/Kconfig"
  class  = "self-protection"
}

file "/sys/kernel/security/lsm" {
  value  = "lockdown,capability,yama,landlock"
  reason = "a module that rooms rest on would not run"
  source = "kernel: Documentation/admin-guide/LSM/index.rst"
  class  = "security-policy"
}

file "/proc/modules" {
  absent = true
  reason = "the kernel could load modules"
  source = "KSPP Recommended Settings, CONFIGs: MODULES"
  class  = "attack-surface"
}

file "/proc/kcore" {
  absent = true
  reason = "the kernel's memory would be a file"
  source = "KSPP Recommended Settings, CONFIGs: PROC_KCORE"
  class  = "attack-surface"
}

file "/proc/kallsyms" {
  absent = true
  reason = "the kernel's symbols would be a file"
  source = "CLIP OS, Kernel, Configuration: KALLSYMS"
  class  = "attack-surface"
}

file "/proc/sysrq-trigger" {
  absent = true
  reason = "root could command the kernel past every policy"
  source = "CLIP OS, Kernel, Configuration: MAGIC_SYSRQ"
  class  = "attack-surface"
}

file "/proc/config.gz" {
  absent = true
  reason = "the kernel would tell how it was built"
  source = "kernel: init/Kconfig, IKCONFIG_PROC"
  class  = "attack-surface"
}

file "/proc/keys" {
  absent = true
  reason = "keyrings would be there"
  source = "kernel: security/keys/Kconfig"
  class  = "attack-surface"
}

file "/proc/swaps" {
  absent = true
  reason = "a room's memory could be written to a disk"
  source = "kernel: mm/Kconfig, SWAP"
  class  = "attack-surface"
}

file "/proc/vmcore" {
  absent = true
  reason = "the memory of a kernel that crashed would be a file"
  source = "kernel-hardening-checker, cut_attack_surface as grsecurity has it"
  class  = "attack-surface"
}

file "/proc/net/packet" {
  absent = true
  reason = "raw frames could be read"
  source = "kernel: net/packet/Kconfig"
  class  = "attack-surface"
}

file "/proc/net/if_inet6" {
  absent = true
  reason = "IPv6 would be there"
  source = "kernel: net/ipv6/Kconfig"
  class  = "attack-surface"
}

file "/sys/kernel/debug" {
  absent = true
  reason = "debugfs would be there"
  source = "kernel-hardening-checker, cut_attack_surface as grsecurity has it"
  class  = "attack-surface"
}

file "/sys/kernel/tracing" {
  absent = true
  reason = "tracing would be there"
  source = "kernel-hardening-checker, cut_attack_surface: FTRACE"
  class  = "attack-surface"
}

file "/sys/kernel/kexec_loaded" {
  absent = true
  reason = "the kernel could start another one"
  source = "KSPP Recommended Settings, CONFIGs: KEXEC"
  class  = "attack-surface"
}

file "/sys/kernel/vmcoreinfo" {
  absent = true
  reason = "the kernel's layout would be told"
  source = "kernel: kernel/Kconfig.kexec"
  class  = "attack-surface"
}

file "/sys/fs/bpf" {
  absent = true
  reason = "bpf(2) would be there"
  source = "kernel-hardening-checker, lockdown"
  class  = "attack-surface"
}

file "/sys/fs/fuse" {
  absent = true
  reason = "a program could answer the kernel's reads of files"
  source = "kernel: fs/fuse/Kconfig"
  class  = "attack-surface"
}

file "/sys/bus/usb" {
  absent = true
  reason = "a USB device would find a driver"
  source = "kernel: drivers/usb/Kconfig"
  class  = "attack-surface"
}

file "/sys/kernel/uevent_helper" {
  absent = true
  reason = "the kernel would start a program for each device"
  source = "kernel: drivers/base/Kconfig, UEVENT_HELPER"
  class  = "attack-surface"
}

file "/sys/hypervisor" {
  absent = true
  reason = "the machine would run on another hypervisor than it was built for"
  source = "kernel: drivers/base/hypervisor.c"
  class  = "attack-surface"
}

# ---- Waivers: at most twelve, each for a year at most. The reason says what fails without the waiver, and
# what stands in the rule's place. before and architectures: it is for these kernels alone, as a rule is; the
# rule may be for others alone: then nothing is broken, the reason says that it is a false alarm, and the waiver
# is there for kernel-hardening-checker. checker is its name of it, where that is not the rule's.

waiver "CONFIG_ARM64_BTI_KERNEL" {
  reason  = "without it the build fails: Kconfig refuses the option with GCC, which leaves landing pads out of some indirect calls between sections (GCC bug 106671); returns are guarded by the shadow call stack and by signatures, and with clang the erasing of stacks and the shuffling of structures would be lost"
  owner   = "kernel maintainers"
  expires = "2027-09-30"
}

waiver "control flow is checked" {
  reason  = "without it the build fails: only clang has the check, and with clang the plugins of GCC fail, which erase stacks and shuffle structures; returns are guarded as above, calls through overwritten function pointers are not"
  owner   = "kernel maintainers"
  expires = "2027-09-30"
  checker = ["CONFIG_CFI_CLANG", "CONFIG_CFI_PERMISSIVE"]
}

waiver "CONFIG_LSM_MMAP_MIN_ADDR" {
  reason  = "without it the build fails: Kconfig has the option with SELinux alone; DEFAULT_MMAP_MIN_ADDR holds for all without CAP_SYS_RAWIO, which no room has and Bay0 drops"
  owner   = "kernel maintainers"
  expires = "2027-09-30"
}

waiver "mandatory access control by labels or paths" {
  reason  = "without it Bay0's gate fails: a policy of theirs needs a parser and a loader in PID 1, which would outgrow what it guards; a room is held by Landlock, seccomp, namespaces and a user of its own, and Bay0 by its capabilities"
  owner   = "security reviewers"
  expires = "2027-09-30"
  checker = ["CONFIG_SECURITY_SELINUX", "CONFIG_LSM"]
}

waiver "CONFIG_HARDENED_USERCOPY_DEFAULT_ON" {
  before  = "6.15"
  reason  = "without it kernel-hardening-checker fails, and nothing else: a false alarm, for this kernel breaks no rule. The option came with Linux 6.15, and so did the need for the parameter; up to then HARDENED_USERCOPY is on wherever it is built in"
  owner   = "kernel maintainers"
  expires = "2027-09-30"
  checker = ["CONFIG_HARDENED_USERCOPY_DEFAULT_ON", "hardened_usercopy"]
}

waiver "CONFIG_ARM64_GCS" {
  before  = "6.13"
  reason  = "without it kernel-hardening-checker fails, and nothing else: a false alarm, for this kernel breaks no rule. The option came with Linux 6.13; programs of rooms sign their return addresses where the processor can"
  owner   = "kernel maintainers"
  expires = "2027-09-30"
}

waiver "hash_pointers" {
  before  = "6.17"
  reason  = "without it kernel-hardening-checker fails, and nothing else: a false alarm, for this kernel breaks no rule. The parameter came with Linux 6.17; up to then pointers are hashed unless the command line says otherwise, which the rules refuse"
  owner   = "kernel maintainers"
  expires = "2027-09-30"
}

waiver "nosmt" {
  architectures = ["aarch64"]
  reason        = "without it kernel-hardening-checker fails, and nothing else: a false alarm, for this kernel breaks no rule. On AArch64 Linux 6.12 has no such parameter, and would hand it to PID 1; none of the processors this is for has two threads to a core"
  owner         = "kernel maintainers"
  expires       = "2027-09-30"
}
