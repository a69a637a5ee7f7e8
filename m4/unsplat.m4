# SPDX-License-Identifier: MIT

# UNSPLAT_NEED(VARIABLE-PREFIX, MODULE-AND-VERSION, DEBIAN-PACKAGE, FEDORA-PACKAGE)
# A library that must be there. What is missing is remembered for UNSPLAT_NEEDED.
AC_DEFUN([UNSPLAT_NEED],
[PKG_CHECK_MODULES([$1], [$2], [],
  [unsplat_missing="$unsplat_missing
  $2: not found"
   unsplat_debian="$unsplat_debian $3"
   unsplat_fedora="$unsplat_fedora $4"])])

# UNSPLAT_NEED_PLAIN(VARIABLE-PREFIX, HEADER, FUNCTION, LIBRARY, DEBIAN-PACKAGE, FEDORA-PACKAGE)
# The same for a library that pkg-config does not know everywhere.
AC_DEFUN([UNSPLAT_NEED_PLAIN],
[AC_CHECK_HEADER([$2], [AC_CHECK_LIB([$4], [$3], [$1_LIBS=-l$4])])
AC_SUBST([$1_LIBS])
AS_IF([test -z "$$1_LIBS"],
  [unsplat_missing="$unsplat_missing
  lib$4: not found"
   unsplat_debian="$unsplat_debian $5"
   unsplat_fedora="$unsplat_fedora $6"])])

# UNSPLAT_NEEDED
# Stop, with the packages to install, when something that is needed is missing.
AC_DEFUN([UNSPLAT_NEEDED],
[AS_IF([test -n "$unsplat_missing"],
  [AC_MSG_ERROR([libraries are missing:$unsplat_missing
  Debian: apt install$unsplat_debian
  Fedora: dnf install$unsplat_fedora])])])

# UNSPLAT_FLAGS(FLAGS)
# Add to UNSPLAT_CFLAGS those that the compiler takes without a word.
AC_DEFUN([UNSPLAT_FLAGS],
[for unsplat_flag in m4_normalize([$1]); do
  AC_MSG_CHECKING([whether $CC takes $unsplat_flag])
  unsplat_saved_CFLAGS=$CFLAGS
  CFLAGS="$CFLAGS -Werror $unsplat_flag"
  AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
    [AC_MSG_RESULT([yes])
     UNSPLAT_CFLAGS="$UNSPLAT_CFLAGS $unsplat_flag"],
    [AC_MSG_RESULT([no])])
  CFLAGS=$unsplat_saved_CFLAGS
done])

# UNSPLAT_JSONSCHEMA
# Set JSONSCHEMA to a Python that can validate JSON Schema, or to ":".
AC_DEFUN([UNSPLAT_JSONSCHEMA],
[AC_MSG_CHECKING([for a Python with jsonschema])
JSONSCHEMA=:
for unsplat_python in "$PYTHON" python3 /usr/bin/python3; do
  AS_IF([test "$JSONSCHEMA" = : && test -n "$unsplat_python" &&
         "$unsplat_python" -c 'import jsonschema' >/dev/null 2>&1],
        [JSONSCHEMA=$unsplat_python])
done
AC_MSG_RESULT([$JSONSCHEMA])
AC_SUBST([JSONSCHEMA])])
