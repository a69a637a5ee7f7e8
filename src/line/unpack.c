/* SPDX-License-Identifier: MIT */
#include "unpack.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

static void mark(struct line *line, enum transport t)
{
	line->transports |= UINT32_C(1) << t;
}

static int hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* "#012": syslog daemons write control characters in octal; no class name has "#0". */
static int syslog_escape(struct str s)
{
	int value;

	if (s.len < 4 || s.p[0] != '#' || s.p[1] != '0' || !is_octal(s.p[2]) || !is_octal(s.p[3]))
		return -1;
	value = (s.p[2] - '0') * 8 + (s.p[3] - '0');
	return value < 0x20 ? value : -1;
}

/* "\x0a": /dev/kmsg escapes control characters and the backslash so, vmcore-dmesg newlines. */
static int kmsg_escape(struct str s)
{
	int high, low;

	if (s.len < 4 || s.p[0] != '\\' || s.p[1] != 'x')
		return -1;
	high = hex_value(s.p[2]);
	low = hex_value(s.p[3]);
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

struct str unpack_escapes(struct str s, char *out, struct line *line)
{
	size_t n = 0;
	bool any = false;

	for (size_t i = 0; i < s.len && !any; i++)
		any = (s.p[i] == '#' || s.p[i] == '\\') &&
		      (syslog_escape(str_from(s, i)) >= 0 || kmsg_escape(str_from(s, i)) >= 0);
	if (!any)
		return s;
	mark(line, TRANSPORT_ESCAPES);
	for (size_t i = 0; i < s.len; i++) {
		struct str rest = str_from(s, i);
		int value = *rest.p == '#'  ? syslog_escape(rest) :
			    *rest.p == '\\' ? kmsg_escape(rest) :
					      -1;

		if (value < 0) {
			out[n++] = *rest.p;
		} else {
			out[n++] = (char)value;
			i += 3;
		}
	}
	return (struct str){ out, n };
}

#define RELEASE_MAX_BYTES 65 /* of uname(2), with a comma */

static bool skip_number(struct str *s, uint64_t *ret, char end)
{
	struct str t = *s;

	if (str_skip_uint(&t, ret) < 0 || !t.len || *t.p != end)
		return false;
	*s = str_from(t, 1);
	return true;
}

/* Field NAME=VALUE of the list between the flag and ';'. */
static struct str header_field(struct str header, const char *name)
{
	while (header.len) {
		ptrdiff_t comma = str_chr(header, ',');
		struct str field = str_head(header, comma < 0 ? header.len : (size_t)comma);

		if (str_skip(&field, str_of(name)))
			return field;
		header = comma < 0 ? (struct str){ NULL, 0 } : str_from(header, (size_t)comma + 1);
	}
	return (struct str){ NULL, 0 };
}

/* A piece of a record, "ncfrag=OFFSET/TOTAL". @return true when the record is whole: in *text. */
static bool add_fragment(struct unpack *u, uint64_t record, struct str where, struct str *text)
{
	uint64_t offset, total;

	if (!skip_number(&where, &offset, '/') || str_skip_uint(&where, &total) < 0)
		return true;
	if (!offset) {
		u->fragment_record = record;
		u->fragment_len = 0;
	}
	if (record != u->fragment_record || offset != u->fragment_len || total > LINE_MAX_BYTES ||
	    text->len > LINE_MAX_BYTES - u->fragment_len)
		return true; /* a piece is lost: show what there is */
	if (text->len)
		memcpy(u->fragment + u->fragment_len, text->p, text->len);
	u->fragment_len += text->len;
	if (u->fragment_len < total)
		return false;
	*text = (struct str){ u->fragment, u->fragment_len };
	return true;
}

/* "6.6.7,", "6.12.0-rc1+,": the release, which netconsole puts in front since 6.6 when told to. */
static void skip_release(struct str *s)
{
	ptrdiff_t comma = str_chr(str_head(*s, RELEASE_MAX_BYTES), ',');
	struct str t = *s;
	uint64_t ignored;

	if (comma < 0 || str_skip_uint(&t, &ignored) < 0 || !str_skip(&t, STR(".")) ||
	    str_skip_uint(&t, &ignored) < 0)
		return;
	t = str_head(*s, (size_t)comma);
	for (size_t i = 0; i < t.len; i++)
		if (is_blank(t.p[i]))
			return;
	*s = str_from(*s, (size_t)comma + 1);
}

/*
 * "6,1234,123456789,-,caller=T1;text": /dev/kmsg and netconsole since 3.5.
 * @return 1: a record, 0: another line, -1: a record without text of its own
 */
static int kmsg_record(struct unpack *u, struct str s, struct str *ret, struct line *line)
{
	uint64_t level, sequence, time;
	ptrdiff_t semicolon;
	struct str header, caller, fragment, text;

	if (!s.len || !is_digit(*s.p))
		return 0;
	skip_release(&s);
	if (!skip_number(&s, &level, ',') || level > 2047 || !skip_number(&s, &sequence, ',') ||
	    !skip_number(&s, &time, ',') || !s.len || !strchr("-c+", *s.p))
		return 0;
	semicolon = str_chr(s, ';');
	if (semicolon < 0)
		return 0;
	header = str_head(s, (size_t)semicolon);
	text = str_from(s, (size_t)semicolon + 1);
	mark(line, TRANSPORT_KMSG);
	line->flags |= LINE_PREFIXED;
	line->time = time;
	line->has_time = true;
	caller = header_field(header, "caller=");
	if (caller.len)
		line->caller = caller;
	fragment = header_field(header, "ncfrag=");
	if (fragment.len && !add_fragment(u, sequence, fragment, &text))
		return -1;
	*ret = text;
	return 1;
}

/* Keys under which other programs carry a line of text; the first that is there counts. */
static const char *const message_keys[] = { "MESSAGE", "msg", "log", "message", "line", "text" };

/* The journal gives what is no UTF-8 as a list of bytes. */
static size_t bytes_of(const cJSON *list, char *out, size_t size)
{
	const cJSON *item;
	size_t n = 0;

	cJSON_ArrayForEach(item, list)
	{
		if (n == size || !cJSON_IsNumber(item))
			break;
		out[n++] = (char)item->valueint;
	}
	return n;
}

static const char *string_of(const cJSON *object, const char *key)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

static bool is_of_target(const cJSON *object)
{
	const char *level = string_of(object, "lvl"), *via = string_of(object, "_TRANSPORT");

	/* LAVA marks what the board said; the journal has other programs' lines beside. */
	if (level && strcmp(level, "target") != 0 && strcmp(level, "feedback") != 0)
		return false;
	return !via || !strcmp(via, "kernel") || !strcmp(via, "syslog") || !strcmp(via, "stdout");
}

/* {"MESSAGE":"text", ...}, - {"dt": "...", "lvl": "target", "msg": "text"} */
static int json_record(struct str s, char *out, struct str *ret, struct line *line)
{
	const cJSON *message = NULL;
	const char *text, *stamp;
	cJSON *object;
	size_t len;
	int found = -1;

	s = str_ltrim(s);
	if (!str_skip(&s, STR("- ")))
		(void)str_skip(&s, STR("data: ")); /* journalctl -o json-sse */
	s = str_trim(s);
	if (s.len < 2 || *s.p != '{' || (s.p[1] != '"' && s.p[1] != ' '))
		return 0;
	object = cJSON_ParseWithLength(s.p, s.len);
	if (!object)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(message_keys) && !message; i++)
		message = cJSON_GetObjectItemCaseSensitive(object, message_keys[i]);
	text = cJSON_GetStringValue(message);
	if (is_of_target(object) && (text || cJSON_IsArray(message))) {
		len = text ? strlen(text) : bytes_of(message, out, LINE_MAX_BYTES);
		if (text && len <= LINE_MAX_BYTES)
			memcpy(out, text, len);
		while (len && out[len - 1] == '\n')
			len--;
		*ret = (struct str){ out, len };
		found = len <= LINE_MAX_BYTES ? 1 : -1;
	}
	stamp = string_of(object, "_SOURCE_MONOTONIC_TIMESTAMP");
	if (stamp) {
		struct str number = str_of(stamp);

		line->has_time = str_skip_uint(&number, &line->time) == 0;
	}
	mark(line, TRANSPORT_JSON);
	line->flags |= LINE_PREFIXED;
	cJSON_Delete(object);
	return found;
}

/* A field's name: capitals, digits, underscores. */
static size_t field_name_len(struct str s)
{
	size_t n = 0;

	while (n < s.len && ((s.p[n] >= 'A' && s.p[n] <= 'Z') || is_digit(s.p[n]) || s.p[n] == '_'))
		n++;
	return n;
}

/* Inside "MESSAGE" and its data: @p left bytes are still to come, newlines counted. */
static int export_data(struct unpack *u, struct str s, struct str *ret)
{
	size_t take = s.len < u->export_left ? s.len : (size_t)u->export_left;

	*ret = str_head(s, take);
	u->export_left -= take;
	if (u->export_left)
		u->export_left--; /* the newline between its lines */
	if (!u->export_left)
		u->export = EXPORT_NONE;
	return 1;
}

/* journalctl -o export: "__CURSOR=...", "MESSAGE=text", a blank line between records. */
static int export_record(struct unpack *u, struct str s, struct str *ret, struct line *line)
{
	size_t name = field_name_len(s);

	if (u->export == EXPORT_DATA)
		return export_data(u, s, ret);
	if (u->export == EXPORT_LENGTH) {
		uint64_t len = 0;

		u->export = EXPORT_NONE;
		if (s.len < 8)
			return -1; /* a length with a newline in it: not what a message has */
		for (size_t i = 8; i-- > 0;)
			len = len << 8 | (unsigned char)s.p[i];
		if (len > LINE_MAX_BYTES)
			return -1;
		u->export = EXPORT_DATA;
		u->export_left = len;
		return export_data(u, str_from(s, 8), ret);
	}
	if (str_starts(s, STR("__CURSOR="))) {
		mark(line, TRANSPORT_EXPORT);
		u->in_export = true;
		return -1;
	}
	/* Between reports, lines without a hint are passed over: those before it, too. */
	u->in_export |= str_starts(s, STR("MESSAGE="));
	if (!u->in_export)
		return 0;
	mark(line, TRANSPORT_EXPORT);
	line->flags |= LINE_PREFIXED;
	if (!s.len)
		return -1;
	if (str_eq(s, STR("MESSAGE"))) {
		u->export = EXPORT_LENGTH;
		return -1;
	}
	if (str_skip(&s, STR("MESSAGE="))) {
		*ret = s;
		return 1;
	}
	if (name && name < s.len && s.p[name] == '=')
		return -1;
	u->in_export = false;
	return 0;
}

/* " SUBSYSTEM=usb", " DEVICE=+usb:1-1": what the driver core adds to a record. */
static bool is_dictionary(struct str s)
{
	struct str t = s;
	size_t n;

	if (!str_skip(&t, STR(" ")))
		return false;
	n = field_name_len(t);
	return n >= 3 && n < t.len && t.p[n] == '=' &&
	       (str_starts(t, STR("SUBSYSTEM=")) || str_starts(t, STR("DEVICE=")));
}

int unpack_line(struct unpack *u, struct str raw, bool top, char *out, struct str *ret,
		struct line *line)
{
	int n = top ? export_record(u, raw, ret, line) : 0;

	if (!n)
		n = kmsg_record(u, raw, ret, line);
	if (!n)
		n = json_record(raw, out, ret, line);
	return !n && is_dictionary(raw) ? -1 : n;
}
