/* SPDX-License-Identifier: MIT */
#include "unsplat/line.h"

#include <assert.h>
#include <string.h>

#include "html.h"

/*
 * Decorations come off from the outside, one layer after the other, until no row of the table
 * matches: "> > <4>[   12.345678][  T1] text" has four. A new transport is a new row.
 * Each takes its layer off the front of *s, or leaves it alone.
 */
typedef bool peel_fn(struct str *s, struct line *line);

#define MAX_LAYERS 32

static bool skip_char(struct str *s, char c)
{
	return str_skip(s, (struct str){ &c, 1 });
}

static bool is_one_of(char c, const char *list)
{
	while (*list && *list != c)
		list++;
	return *list;
}

/* Match a picture: 9 a digit, A a letter, ~ any run of blanks, all else itself. */
static bool skip_picture(struct str *s, const char *picture)
{
	struct str t = *s;

	for (; *picture; picture++) {
		if (*picture == '~') {
			t = str_ltrim(t);
			continue;
		}
		if (!t.len)
			return false;
		if (*picture == '9' ? !is_digit(*t.p) :
		    *picture == 'A' ? !is_alpha(*t.p) :
				      *t.p != *picture)
			return false;
		t = str_from(t, 1);
	}
	*s = t;
	return true;
}

static bool skip_digits(struct str *s)
{
	struct str t = *s;

	while (t.len && is_digit(*t.p))
		t = str_from(t, 1);
	if (t.len == s->len)
		return false;
	*s = t;
	return true;
}

static struct str take_word(struct str *s)
{
	size_t n = 0;

	while (n < s->len && !is_blank(s->p[n]))
		n++;
	struct str word = str_head(*s, n);
	*s = str_from(*s, n);
	return word;
}

/* "> ", ">", "| " of mails; the blank behind the mark belongs to it. */
static bool peel_quote(struct str *s, struct line *line)
{
	struct str t = str_ltrim(*s);

	if (s->len - t.len > 3 || !t.len || (*t.p != '>' && *t.p != '|'))
		return false;
	t = str_from(t, 1);
	if (skip_char(&t, ' '))
		line->flags &= ~(unsigned int)LINE_GLUED;
	else
		line->flags |= LINE_GLUED;
	line->quote++;
	*s = t;
	return true;
}

/* "<4>" of /proc/kmsg and syslog; some collectors put a blank behind it. */
static bool peel_level(struct str *s, struct line *line)
{
	struct str t = *s;
	uint64_t level;

	(void)line;
	if (!skip_char(&t, '<') || str_skip_uint(&t, &level) < 0 || level > 999 ||
	    !skip_char(&t, '>'))
		return false;
	if (t.len > 1 && t.p[0] == ' ' && t.p[1] == '[')
		t = str_from(t, 1);
	*s = t;
	return true;
}

/*
 * "kernel: " behind whatever stood before it; the ident of the kernel in syslog and journal; some
 * daemons have a number of theirs in it, "kernel[123]: ".
 */
static bool skip_ident(struct str *s)
{
	struct str t = *s;

	if (!str_skip(&t, STR("kernel")))
		return false;
	if (skip_char(&t, '[') && (!skip_digits(&t) || !skip_char(&t, ']')))
		return false;
	if (!skip_char(&t, ':'))
		return false;
	(void)skip_char(&t, ' ');
	*s = t;
	return true;
}

static bool skip_host_and_ident(struct str *s)
{
	struct str t = str_ltrim(*s);

	if (!take_word(&t).len)
		return false;
	t = str_ltrim(t);
	if (!skip_ident(&t) && !str_skip(&t, STR("kernel - - - "))) /* RFC 5424 */
		return false;
	*s = t;
	return true;
}

/* "    0.000010>", the time since the line before; "+" in front, too. */
static bool skip_delta(struct str *s)
{
	struct str t = str_ltrim(*s);

	(void)skip_char(&t, '+');
	if (!skip_digits(&t) || !skip_char(&t, '.') || !skip_digits(&t) || !skip_char(&t, '>'))
		return false;
	*s = t;
	return true;
}

/* "[<    0.000010>] " of dmesg -d -t; an address in brackets has no point. */
static bool peel_delta(struct str *s, struct line *line)
{
	struct str t = *s;

	(void)line;
	if (!str_skip(&t, STR("[<")) || !skip_delta(&t) || !skip_char(&t, ']'))
		return false;
	(void)skip_char(&t, ' ');
	*s = t;
	return true;
}

/* "[   12.345678] ", also with dmesg's "<    0.000010>" (-e is a delta, "[  +0.001213]"). */
static bool peel_time(struct str *s, struct line *line)
{
	struct str t = *s;

	uint64_t seconds, fraction = 0;
	struct str digits;
	bool delta;

	if (!skip_char(&t, '['))
		return false;
	if (skip_char(&t, ']')) { /* somebody took the time out, and left its place */
		*s = t;
		return true;
	}
	t = str_ltrim(t);
	delta = skip_char(&t, '+');
	if (str_skip_uint(&t, &seconds) < 0 || !skip_char(&t, '.'))
		return false;
	digits = t;
	if (!skip_digits(&t))
		return false;
	digits = str_head(digits, digits.len - t.len);
	if (t.len && is_blank(*t.p)) {
		t = str_ltrim(t);
		if (!skip_char(&t, '<') || !skip_delta(&t))
			return false;
	}
	if (!skip_char(&t, ']'))
		return false;
	if (!skip_host_and_ident(&t)) /* journalctl -o short-monotonic has them */
		(void)skip_char(&t, ' ');
	if (!delta && digits.len == 6 && seconds < UINT32_MAX &&
	    str_skip_uint(&digits, &fraction) == 0) {
		line->time = seconds * 1000000 + fraction;
		line->has_time = true;
	}
	*s = t;
	return true;
}

/*
 * "system_server: " behind "[T1501146] ": MediaTek puts processor and thread into the number and
 * the thread's name behind it. Words that the kernel itself begins lines with are no names.
 */
static void skip_thread_name(struct str *s)
{
	static const char *const others[] = { "at", "Code", "Comm", "Hardware", "Modules", "Oops",
					      "Tainted", "Workqueue" };
	struct str t = *s, name;
	ptrdiff_t end = str_find(t, STR(": "));
	bool lower = false;

	if (end < 1 || end > 15)
		return;
	name = str_head(t, (size_t)end);
	for (size_t i = 0; i < name.len; i++) {
		lower |= name.p[i] >= 'a' && name.p[i] <= 'z';
		if (!is_alpha(name.p[i]) && !is_digit(name.p[i]) &&
		    !is_one_of(name.p[i], "._-/:@<>"))
			return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (str_is(name, others[i]))
			return;
	if (lower)
		*s = str_from(t, (size_t)end + 2);
}

/* "[  T123] ", "[    C0] ": CONFIG_PRINTK_CALLER, 5.1 and later. */
static bool peel_caller(struct str *s, struct line *line)
{
	struct str t = str_ltrim(*s), id;

	if (!skip_char(&t, '['))
		return false;
	t = id = str_ltrim(t);
	if (!skip_char(&t, 'T') && !skip_char(&t, 'C'))
		return false;
	if (!skip_digits(&t))
		return false;
	id = str_head(id, id.len - t.len);
	if (!skip_char(&t, ']'))
		return false;
	if (skip_char(&t, ' ') && id.len > 6)
		skip_thread_name(&t);
	line->caller = id;
	*s = t;
	return true;
}

/* "[Mon Nov 22 06:29:21 2026] " of dmesg -T, "[Nov22 06:29] " of dmesg -H. */
static bool peel_human_time(struct str *s, struct line *line)
{
	struct str t = *s;

	(void)line;
	if (!skip_picture(&t, "[AAA AAA~99 99:99:99 9999]") &&
	    !skip_picture(&t, "[AAA AAA~9 99:99:99 9999]") && !skip_picture(&t, "[AAA~99 99:99]") &&
	    !skip_picture(&t, "[AAA~9 99:99]"))
		return false;
	(void)skip_char(&t, ' ');
	*s = t;
	return true;
}

/* "kern  :warn  : " of dmesg -x. */
static bool peel_facility(struct str *s, struct line *line)
{
	static const char *const levels[] = { "emerg", "alert",	 "crit", "err",
					      "warn",  "notice", "info", "debug" };
	static const char *const facilities[] = { "kern", "user", "daemon", "mail", "auth" };
	struct str t = *s;
	bool known = false;

	(void)line;
	for (size_t i = 0; i < ARRAY_SIZE(facilities) && !known; i++)
		known = str_skip(&t, str_of(facilities[i]));
	if (!known)
		return false;
	t = str_ltrim(t);
	if (!skip_char(&t, ':'))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		if (!str_skip(&t, str_of(levels[i])))
			continue;
		t = str_ltrim(t);
		if (!skip_char(&t, ':'))
			return false;
		(void)skip_char(&t, ' ');
		*s = t;
		return true;
	}
	return false;
}

/* "Jan 22 01:50:05 host kernel: ": syslog, journalctl -o short (with its -precise). */
static bool peel_syslog(struct str *s, struct line *line)
{
	struct str t = *s;

	(void)line;
	if (!skip_picture(&t, "AAA~99 99:99:99") && !skip_picture(&t, "AAA~9 99:99:99"))
		return false;
	if (skip_char(&t, '.') && !skip_digits(&t))
		return false;
	if (!skip_host_and_ident(&t))
		return false;
	*s = t;
	return true;
}

/* "host prog[12]: text": not of the kernel. */
static bool is_of_program(struct str s)
{
	struct str word;

	if (str_starts(s, STR("Hardware name:")))
		return false;
	word = take_word(&s);
	for (size_t i = 0; i < word.len; i++)
		if (!is_alpha(word.p[i]) && !is_digit(word.p[i]) && !is_one_of(word.p[i], ".-_"))
			return false;
	if (!word.len || !skip_char(&s, ' '))
		return false;
	word = take_word(&s);
	return str_ends(word, STR(":")) && str_trim(s).len;
}

/* "May 01 12:00:00 " of ts(1): the same without host and ident. */
static bool peel_ts(struct str *s, struct line *line)
{
	struct str t = *s;

	(void)line;
	if (!skip_picture(&t, "AAA 99 99:99:99"))
		return false;
	if (skip_char(&t, '.') && !skip_digits(&t))
		return false;
	if (t.len && !skip_char(&t, ' '))
		return false;
	if (is_of_program(t))
		return false;
	*s = t;
	return true;
}

/* "2024-05-01T12:00:00.123+0200", "2024-05-01 12:00:00,123Z": ISO 8601 as programs write it. */
static bool skip_iso_time(struct str *s)
{
	struct str t = *s;

	if (!skip_picture(&t, "9999-99-99T99:99:99") && !skip_picture(&t, "9999-99-99 99:99:99"))
		return false;
	if ((skip_char(&t, '.') || skip_char(&t, ',')) && !skip_digits(&t))
		return false;
	if (!skip_char(&t, 'Z') && !skip_picture(&t, "+99:99") && !skip_picture(&t, "-99:99") &&
	    !skip_picture(&t, "+9999"))
		(void)skip_picture(&t, "-9999");
	*s = t;
	return true;
}

/*
 * "2024-05-01T12:00:00+0200 host kernel: " (journal, rsyslog), the bare stamp of dmesg and of
 * CI systems; GitLab puts "01O " or "00E+" behind it, RFC 5424 "<4>1 " before it.
 */
static bool peel_iso_time(struct str *s, struct line *line)
{
	struct str t = *s;

	(void)line;
	(void)str_skip(&t, STR("1 "));
	if (!skip_iso_time(&t) || !t.len || !is_blank(*t.p))
		return false;
	if (!skip_host_and_ident(&t)) {
		t = str_from(t, 1);
		if (!skip_picture(&t, "99A+"))
			(void)skip_picture(&t, "99A ");
	}
	*s = t;
	return true;
}

/* "[2024-01-01T10:00:00.123Z] " of Jenkins, "[10:00:00] " of boards' consoles. */
static bool peel_bracketed_time(struct str *s, struct line *line)
{
	struct str t = *s;

	(void)line;
	if (!skip_char(&t, '['))
		return false;
	if (!skip_iso_time(&t)) {
		if (!skip_picture(&t, "99:99:99"))
			return false;
		if (skip_char(&t, '.') && !skip_digits(&t))
			return false;
	}
	if (!skip_char(&t, ']'))
		return false;
	(void)skip_char(&t, ' ');
	*s = t;
	return true;
}

/* "07:43:08.069 ", "07:43:08 " of Jenkins' timestamper and of ts(1). */
static bool peel_clock(struct str *s, struct line *line)
{
	struct str t = *s;

	(void)line;
	if (!skip_picture(&t, "99:99:99"))
		return false;
	if (skip_char(&t, '.') && !skip_digits(&t))
		return false;
	if (!skip_char(&t, ' '))
		return false;
	*s = t;
	return true;
}

/* "Wed 2024-05-01 12:00:00 CEST host kernel: ", "1714557600.123456 host kernel: ": the journal. */
static bool peel_journal_time(struct str *s, struct line *line)
{
	struct str t = *s;

	(void)line;
	if (skip_picture(&t, "AAA 9999-99-99 99:99:99")) {
		if (skip_char(&t, '.'))
			(void)skip_digits(&t);
		t = str_ltrim(t);
		(void)take_word(&t); /* the time zone */
	} else if (!skip_digits(&t) || !skip_char(&t, '.') || !skip_digits(&t)) {
		return false;
	}
	if (!skip_host_and_ident(&t))
		return false;
	*s = t;
	return true;
}

/* "01-01 00:00:12.345  0  0 W : ", "W/KERNEL ( 123): ": Android's logcat -b kernel. */
static bool peel_logcat(struct str *s, struct line *line)
{
	struct str t = *s;
	ptrdiff_t end;

	(void)line;
	if (skip_picture(&t, "99-99 99:99:99.999") && t.len && is_blank(*t.p)) {
		for (int i = 0; i < 3; i++) { /* perhaps a user, a process, a thread */
			t = str_ltrim(t);
			if (!skip_digits(&t) && i > 0)
				break;
			if (!i && t.len && is_alpha(*t.p))
				(void)take_word(&t);
		}
		t = str_ltrim(t);
	}
	if (t.len < 3 || !strchr("VDIWEF", *t.p))
		return false;
	if (t.p[1] == ' ' && t.len < s->len) {
		end = str_find(t, STR(": "));
		if (end < 0 || end > 32)
			return false;
	} else if (t.p[1] == '/') {
		end = str_find(t, STR("): "));
		if (end < 0 || end > 48)
			return false;
		end++;
	} else {
		return false;
	}
	*s = str_from(t, (size_t)end + 2);
	return true;
}

/* "  4711 " behind "c0 ": the thread. But "2 locks held by a/1:" is text. */
static void skip_thread(struct str *s)
{
	struct str t = str_ltrim(*s);
	bool padded = t.len < s->len;

	if (!skip_digits(&t) || !t.len || !skip_char(&t, ' '))
		return;
	if (padded || (!str_starts(t, STR("locks held by")) && !str_starts(t, STR("lock held by"))))
		*s = t;
}

/* "[name:lockdep&]" of MediaTek: the module whose source file prints. */
static bool skip_vendor_name(struct str *s)
{
	struct str t = *s;
	ptrdiff_t close;

	if (!str_skip(&t, STR("[name:")))
		return false;
	close = str_find(t, STR("&]"));
	if (close < 1 || close > 32)
		return false;
	*s = str_from(t, (size_t)close + 2);
	return true;
}

/* "-(1)[106:kswapd0]" of MediaTek, "[0:  swapper/0:    1] " of Samsung, "c0 " of Qualcomm. */
static bool peel_vendor(struct str *s, struct line *line)
{
	struct str t = str_ltrim(*s);
	ptrdiff_t close;

	if (skip_vendor_name(&t)) {
		*s = t;
		return true;
	}
	if (!(line->flags & LINE_PREFIXED))
		return false; /* the others only behind a time stamp */
	if (skip_char(&t, 'c') && skip_digits(&t) && t.len && is_blank(*t.p)) {
		*s = str_from(t, 1);
		skip_thread(s);
		return true;
	}
	t = str_ltrim(*s);
	(void)skip_char(&t, '-');
	if (skip_char(&t, '(') && skip_digits(&t) && skip_char(&t, ')') && skip_char(&t, '[') &&
	    skip_digits(&t) && skip_char(&t, ':')) {
		close = str_chr(t, ']');
		if (close < 0 || close > 24)
			return false;
		*s = str_from(t, (size_t)close + 1);
		return true;
	}
	t = str_ltrim(*s);
	if (t.len > 1 && t.p[1] == '[' && strchr("VDINWEF", *t.p))
		t = str_from(t, 1); /* "I[0:  swapper/0:    1] " */
	if (skip_char(&t, '[') && t.len && is_digit(*t.p)) {
		struct str u = t;
		uint64_t ignored;

		close = str_chr(t, ']');
		if (close < 3 || close > 40 || !skip_digits(&u) || !skip_char(&u, ':'))
			return false;
		u = str_head(u, (size_t)(t.p + close - u.p));
		if (str_rfind(u, STR(":")) < 0)
			return false;
		u = str_ltrim(str_from(u, (size_t)str_rfind(u, STR(":")) + 1));
		if (str_skip_uint(&u, &ignored) < 0 || u.len)
			return false;
		*s = str_from(t, (size_t)close + 1);
		(void)skip_char(s, ' ');
		return true;
	}
	return false;
}

/* "vm_1  | ", "vm-1  | ": a container, as docker compose puts it before its output. */
static bool peel_container(struct str *s, struct line *line)
{
	struct str t = *s, name = take_word(&t), digits;
	size_t n = name.len;

	(void)line;
	while (n && is_digit(name.p[n - 1]))
		n--;
	digits = str_from(name, n);
	if (!digits.len || n < 2 || (name.p[n - 1] != '_' && name.p[n - 1] != '-') ||
	    !is_alpha(*name.p))
		return false;
	t = str_ltrim(t);
	if (!skip_char(&t, '|') || (t.len && !skip_char(&t, ' ')))
		return false;
	*s = t;
	return true;
}

/* "job TAB step TAB 2024-01-01T10:00:00.1234567Z ": gh run view --log. */
static bool peel_job(struct str *s, struct line *line)
{
	ptrdiff_t job = str_chr(*s, '\t'), step;
	struct str t;

	(void)line;
	if (job <= 0)
		return false;
	t = str_from(*s, (size_t)job + 1);
	step = str_chr(t, '\t');
	if (step <= 0)
		return false;
	t = str_from(t, (size_t)step + 1);
	if (!skip_iso_time(&t) || (t.len && !skip_char(&t, ' ')))
		return false;
	*s = t;
	return true;
}

/* "    12 TAB": cat -n. */
static bool peel_number(struct str *s, struct line *line)
{
	struct str t = *s;

	(void)line;
	if (!skip_digits(&t) || !skip_char(&t, '\t'))
		return false;
	*s = t;
	return true;
}

/* "T115;": a netconsole header whose first fields were cut off. */
static bool peel_caller_rest(struct str *s, struct line *line)
{
	struct str t = *s, id = *s;

	if ((!skip_char(&t, 'T') && !skip_char(&t, 'C')) || !skip_digits(&t))
		return false;
	id = str_head(id, id.len - t.len);
	if (!skip_char(&t, ';'))
		return false;
	line->caller = id;
	*s = t;
	return true;
}

/* "kernel: ", where the author took the date and the host off. */
static bool peel_ident(struct str *s, struct line *line)
{
	(void)line;
	return skip_ident(s);
}

static const struct {
	const char *begins; /* first bytes that can begin it, blanks aside; NULL: any */
	peel_fn *peel;
	enum transport transport;
} layers[] = {
	{ ">|", peel_quote, TRANSPORT_QUOTE },
	{ "[", peel_time, TRANSPORT_PRINTK_TIME },
	{ "[", peel_delta, TRANSPORT_PRINTK_TIME },
	{ "[", peel_caller, TRANSPORT_CALLER },
	{ "<", peel_level, TRANSPORT_LEVEL },
	{ "[", peel_human_time, TRANSPORT_HUMAN_TIME },
	{ "[", peel_bracketed_time, TRANSPORT_CLOCK },
	{ "kudma", peel_facility, TRANSPORT_FACILITY },
	{ "k", peel_ident, TRANSPORT_IDENT },
	{ "ADFJMNOS", peel_syslog, TRANSPORT_SYSLOG }, /* months */
	{ "ADFJMNOS", peel_ts, TRANSPORT_CLOCK },
	{ "0123456789", peel_iso_time, TRANSPORT_ISO_TIME },
	{ "0123456789", peel_clock, TRANSPORT_CLOCK },
	{ "0123456789MTWFS", peel_journal_time, TRANSPORT_SYSLOG },
	{ "0123456789VDIWEF", peel_logcat, TRANSPORT_LOGCAT },
	{ "-([cVDINWEF", peel_vendor, TRANSPORT_VENDOR },
	{ "TC", peel_caller_rest, TRANSPORT_KMSG },
	{ "0123456789", peel_number, TRANSPORT_LABEL },
	{ NULL, peel_container, TRANSPORT_LABEL },
	{ NULL, peel_job, TRANSPORT_LABEL },
};

static const char *const names[] = {
	[TRANSPORT_QUOTE] = "mail quoting",
	[TRANSPORT_DIFF] = "diff hunks",
	[TRANSPORT_LABEL] = "names or numbers before lines",
	[TRANSPORT_PRINTK_TIME] = "printk time",
	[TRANSPORT_CALLER] = "caller id",
	[TRANSPORT_LEVEL] = "log level",
	[TRANSPORT_HUMAN_TIME] = "dmesg -T or -H",
	[TRANSPORT_FACILITY] = "dmesg -x",
	[TRANSPORT_IDENT] = "syslog without its head",
	[TRANSPORT_SYSLOG] = "syslog or journal",
	[TRANSPORT_ISO_TIME] = "ISO time stamps",
	[TRANSPORT_CLOCK] = "clock times",
	[TRANSPORT_LOGCAT] = "Android logcat",
	[TRANSPORT_VENDOR] = "processor and task of a vendor's kernel",
	[TRANSPORT_KMSG] = "/dev/kmsg or netconsole records",
	[TRANSPORT_JSON] = "JSON lines",
	[TRANSPORT_EXPORT] = "journal export",
	[TRANSPORT_ESCAPES] = "escaped control characters",
	[TRANSPORT_MAIL] = "mail headers",
	[TRANSPORT_QUOTED_PRINTABLE] = "quoted-printable",
	[TRANSPORT_BASE64] = "base64",
	[TRANSPORT_HTML] = "HTML",
	[TRANSPORT_LINKS] = "links for numbers",
	[TRANSPORT_TERMINAL] = "terminal sequences",
	[TRANSPORT_CRLF] = "carriage returns",
	[TRANSPORT_UTF16] = "UTF-16",
	[TRANSPORT_PSTORE] = "parts of a pstore dump",
};
static_assert(ARRAY_SIZE(names) == TRANSPORT_MAX, "every transport needs a name");

const char *transport_name(enum transport t)
{
	return names[t];
}

/* Layers may be indented, as a whole or each by itself; a stack line never looks like one. */
static bool peel_once(struct str *s, struct line *line)
{
	struct str t = str_ltrim(*s);

	if (!t.len)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(layers); i++) {
		struct str from = layers[i].transport == TRANSPORT_QUOTE ? *s : t;

		if ((layers[i].begins && !is_one_of(*t.p, layers[i].begins)) ||
		    !layers[i].peel(&from, line))
			continue;
		*s = from;
		line->transports |= UINT32_C(1) << layers[i].transport;
		if (layers[i].transport != TRANSPORT_QUOTE)
			line->flags = (line->flags | LINE_PREFIXED) & ~(unsigned int)LINE_GLUED;
		return true;
	}
	return false;
}

/*
 * @return length of the terminal sequence at @p s, whose introducer takes @p n bytes (ECMA-48:
 * CSI, OSC, charsets, two bytes)
 */
static size_t escape_len(struct str s, size_t n)
{
	size_t i = n + 1;

	if (s.len <= n)
		return n;
	if (s.p[n] == '[') {
		while (i < s.len && (unsigned char)s.p[i] >= 0x20 && (unsigned char)s.p[i] < 0x40)
			i++;
		return i < s.len ? i + 1 : s.len;
	}
	if (s.p[n] == ']') {
		while (i < s.len && s.p[i] != '\a' && s.p[i] != '\033')
			i++;
		return i < s.len && s.p[i] == '\a' ? i + 1 : i;
	}
	if (strchr("()*+#%", s.p[n]))
		return i < s.len ? i + 1 : s.len;
	return i;
}

/* "^[[0;32m": how pagers and trackers show a colour. */
static bool is_shown_escape(struct str s)
{
	return s.len > 3 && s.p[0] == '^' && s.p[1] == '[' && s.p[2] == '[' &&
	       (is_digit(s.p[3]) || s.p[3] == 'm' || s.p[3] == '?' || s.p[3] == 'K');
}

static bool is_dirt(struct str s, size_t i)
{
	unsigned char c = (unsigned char)s.p[i];

	if (c > '\033' && c < 0xa0 && c != '^')
		return false;
	return c == '\r' || c == '\0' || c == '\033' || c == 0xa0 || c == 0xc2 || c == '\b' ||
	       c == 0xe2 || (c == '^' && is_shown_escape(str_from(s, i)));
}

/* Carriage returns, NUL bytes, terminal sequences, no-break and zero-width blanks are no text. */
static struct str clean(struct str raw, char *scratch, struct line *line)
{
	size_t n = 0, i = 0;

	while (i < raw.len && !is_dirt(raw, i))
		i++;
	if (i == raw.len)
		return raw;
	for (i = 0; i < raw.len;) {
		struct str rest = str_from(raw, i);
		char c = *rest.p;

		if (c == '\033' || (c == '^' && is_shown_escape(rest))) {
			i += escape_len(rest, c == '^' ? 2 : 1);
			line->transports |= UINT32_C(1) << TRANSPORT_TERMINAL;
		} else if (c == '\r' || c == '\0') {
			if (c == '\r')
				line->transports |= UINT32_C(1) << TRANSPORT_CRLF;
			i++;
		} else if (c == '\b') {
			n -= n > 0;
			i++;
		} else if (str_starts(rest, STR("\xc2\xa0"))) {
			scratch[n++] = ' ';
			i += 2;
		} else if (c == '\xa0' && (!i || (unsigned char)raw.p[i - 1] < 0x80)) {
			scratch[n++] = ' '; /* no-break space of ISO 8859-1 */
			i++;
		} else if (str_starts(rest, STR("\xe2\x80\x8b"))) {
			i += 3; /* zero-width space */
		} else if (str_starts(rest, STR("\xef\xbb\xbf"))) {
			i += 3; /* byte order mark */
		} else {
			scratch[n++] = c;
			i++;
		}
	}
	return (struct str){ scratch, n };
}

struct str line_uncover(struct str raw, char *scratch, struct line *line)
{
	struct str s = html_entities(clean(raw, scratch, line), scratch, line);

	while (peel_quote(&s, line))
		line->transports |= UINT32_C(1) << TRANSPORT_QUOTE;
	s = str_ltrim(s);
	if (str_ends(s, STR("^M")))
		s.len -= 2;
	return s;
}

void line_undecorate(struct str raw, char *scratch, struct line *ret)
{
	struct str s = clean(raw, scratch, ret);

	if (str_ends(s, STR("^M"))) { /* pagers and trackers show the carriage return so */
		s.len -= 2;
		ret->transports |= UINT32_C(1) << TRANSPORT_CRLF;
	}
	s = html_entities(s, scratch, ret);
	s = html_links(s, scratch, ret);
	for (int i = 0; i < MAX_LAYERS && peel_once(&s, ret); i++)
		;
	while (s.len && is_blank(s.p[s.len - 1]))
		s.len--;
	ret->text = s;
}

/* "[   45.871305]", as printk pads it. @return its length, or 0 */
static size_t stamp_len(struct str s)
{
	struct str t = s, digits;
	uint64_t ignored;

	if (!skip_char(&t, '['))
		return 0;
	t = str_ltrim(t);
	if (str_skip_uint(&t, &ignored) < 0 || !skip_char(&t, '.'))
		return 0;
	digits = t;
	if (!skip_digits(&t) || digits.len - t.len != 6 || !skip_char(&t, ']'))
		return 0;
	return s.len - t.len;
}

#define STAMP_MIN_BYTES 14 /* five digits or blanks, a point, six digits, brackets */

size_t line_fused_at(const struct line *line)
{
	struct str s = line->text;

	for (size_t i = 1; i + STAMP_MIN_BYTES <= s.len; i++) {
		size_t n;

		if (s.p[i] != '[' || (!is_blank(s.p[i + 1]) && !is_digit(s.p[i + 1])))
			continue;
		n = stamp_len(str_from(s, i));
		if (n < STAMP_MIN_BYTES ||
		    (i + n < s.len && s.p[i + n] != ' ' && s.p[i + n] != '['))
			continue;
		/* In a log without stamps, a message may tell a time: "at [   45.871305]". */
		if (line->has_time || !strchr(" \t([{<=:,'\"", s.p[i - 1]))
			return str_ltrim(str_head(s, i)).len ? i : 0;
	}
	return 0;
}
