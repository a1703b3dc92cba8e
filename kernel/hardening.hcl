# What the kernel of Anchor OS is held to.

option "CONFIG_MODULES" {
  value  = "n"
  reason = "code that is loaded later is in no signature and no measurement"
  source = "KSPP, Recommended Settings: CONFIGs"
  class  = "attack-surface"
}

sysctl "kernel.kptr_restrict" {
  value  = 2
  set    = true
  reason = "kernel addresses in /proc tell an attacker where to aim"
  source = "KSPP, Recommended Settings: sysctls"
  class  = "self-protection"
}

sysctl "kernel.panic_on_oops" {
  value  = 1
  reason = "a kernel that has gone wrong must not go on"
  source = "KSPP, Recommended Settings: CONFIGs, PANIC_ON_OOPS"
  class  = "self-protection"
}

file "/sys/kernel/security/lockdown" {
  value  = "none integrity [confidentiality]"
  reason = "less lets a privileged program read or change the kernel"
  source = "kernel: security/lockdown/Kconfig"
  class  = "self-protection"
}

file "/proc/modules" {
  absent = true
  reason = "a kernel that can load modules is not the one that was built"
  source = "KSPP, Recommended Settings: CONFIGs, MODULES"
  class  = "attack-surface"
}
