# SPDX-License-Identifier: MIT
"""fixtures/i915-userptr.log, the report that the program was begun with, in detail."""

from harness import FIXTURES, check, finish, report_json, run

FRAMES = [13, 11, 11, 14, 5, 9, 11]
CHAIN = ["cpu_hotplug_lock.rw_sem", "cpuhp_state_mutex", "cpuhp_state", "(complete)&req.done",
         "&sb->s_type->i_mutex_key#5", "&mm->mmap_sem", "&dev_priv->mm_lock"]
TITLE = "possible deadlock in apply_workqueue_attrs"


def equal(what, want, got):
    check(want == got, f"{what}: want {want}, got {got}")


def main():
    log = FIXTURES / "i915-userptr.log"
    reports = report_json("--all", log)["reports"]
    equal("reports", 1, len(reports))
    r = reports[0]
    equal("kind", "circular", r["kind"])
    equal("title", TITLE, r["title"])
    equal("-f title", f"{TITLE}\n".encode(), run("-f", "title", log).stdout)
    equal("line", 2, r["line"])
    equal("complete", True, r["complete"])
    equal("kernel", {"release": "4.14.0-rc1-CI-CI_DRM_3118+", "build": "#1", "taint": "G U"}, r["kernel"])
    equal("task", {"comm": "prime_mmap", "pid": 1551}, r["task"])
    equal("entries", list(range(7)), [e["index"] for e in r["chain"]])
    equal("chain", CHAIN, [e["lock"]["name"] for e in r["chain"]])
    equal("frames", FRAMES, [len(e["frames"]) for e in r["chain"]])
    equal("edges", [(i, CHAIN[i - 1], CHAIN[i]) for i in range(7)],
          [(e["index"], e["from"], e["to"]) for e in r["edges"]])
    equal("relations", ["held", "held", "held", "waits-for", "crossrelease", "held", "held"],
          [e["relation"] for e in r["edges"]])
    equal("held locks", ["&mm->mmap_sem", "&dev_priv->mm_lock"], [h["name"] for h in r["held_locks"]])
    best, *others = r["suggestions"]
    equal("best edge", {"index": 0, "from": CHAIN[6], "to": CHAIN[0]}, best["edge"])
    equal("held", "&mm->mmap_sem", best["held"])
    equal("sufficient", True, best["sufficient"])
    equal("leaves", [CHAIN[:6]], best["leaves"])
    equal("function", "i915_gem_userptr_init__mmu_notifier", best["function"])
    equal("remedy", "preallocate", best["remedy"])
    near = {s["edge"]["index"]: s for s in others[:2]}
    if check(3 in near, f"#3 is not second or third: {list(near)}"):
        equal("function of #3", "msr_device_create", near[3]["function"])
    equal("a suggestion per edge", set(range(7)), {s["edge"]["index"] for s in r["suggestions"]})
    finish("one report")


if __name__ == "__main__":
    main()
