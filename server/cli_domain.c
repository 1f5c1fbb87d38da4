/* sosie domain add | set | list | show: patient identification domains and their policies. */
#include "server/cli.h"
#include "server/terminal.h"

#include <string.h>

#define POLICY_FLAGS                                                                                                               \
    {"oid", FLAG_VALUE, "OID", "universal id, as in CX-4.2"},                                                                      \
        {"finess", FLAG_VALUE, "N", "FINESS number, understood in CX-4.2 too"},                                                    \
        {"kind", FLAG_VALUE, "KIND", "hospital, practice (LPS), regional or national (INS)"},                                      \
        {"auto-link", FLAG_VALUE, "yes|no", "may the engine link its records by score?"},                                          \
        {"max-status", FLAG_VALUE, "STATUS", "highest it may claim: provisional, retrieved, validated, qualified"},                \
        {"evidence", FLAG_VALUE, "message|declared", "what proves a status: the message, or the domain's word"},                   \
        {"trust", FLAG_VALUE, "N", "rank when traits disagree, higher first"},                                                     \
        {"identifiers", FLAG_VALUE, "exact|any-case", "are ab12 and AB12 one identifier? (default: exact, they are two)"}, {       \
        "sender", FLAG_LIST, "'APP|FACILITY'",                                                                                     \
            "a peer that feeds it: MSH-3|MSH-4, * for any; with TLS also |CN=gam.chu,O=CHU,C=FR"                                   \
    }

static const struct flag_row add_flags[] = {
    POLICY_FLAGS,
    {"author", FLAG_VALUE, "NAME", "who decides this, for the audit trail (default: you)"},
};
static const struct flag_row set_flags[] = {
    POLICY_FLAGS,
    {"no-senders", FLAG_SWITCH, NULL, "forget the declared senders"},
    {"author", FLAG_VALUE, "NAME", "who decides this, for the audit trail (default: you)"},
};

/* -- requests ------------------------------------------------------------------------------------------------------------- */

static bool put_auto_link(struct cli *cli, json_t *request, struct error *err) {
    struct span text = args_value(&cli->args, "auto-link");
    bool yes;
    if (span_is_absent(text))
        return true;
    if (!args_yes_no(text, &yes))
        return error_set(err, ERROR_TYPE, cli->args.command->name, "--auto-link is yes or no, not \"%.*s\"",
                         SPAN_ARG(span_sub(text, 0, 40)));
    json_object_set_new(request, "auto_link", json_boolean(yes));
    return true;
}

static bool put_trust(struct cli *cli, json_t *request, struct error *err) {
    uint64_t trust;
    if (!args_has(&cli->args, "trust"))
        return true;
    if (!args_number(&cli->args, "trust", 0, 1000, 0, &trust, err))
        return false;
    json_object_set_new(request, "trust", json_integer((json_int_t)trust));
    return true;
}

static void put_senders(struct cli *cli, json_t *request) {
    if (!args_has(&cli->args, "sender") && !args_has(&cli->args, "no-senders"))
        return;
    json_t *list = json_array();
    for (size_t i = 0; i < cli->args.given_count; i++) {
        const struct flag_given *given = &cli->args.given[i];
        if (strcmp(given->row->name, "sender") == 0)
            json_array_append_new(list, json_stringn(given->value.ptr, given->value.len));
    }
    json_object_set_new(request, "senders", list);
}

static bool make_request(struct cli *cli, const char *verb, json_t **out, struct error *err) {
    json_t *request = cli_request(cli, verb);
    json_object_set_new(request, "namespace", json_stringn(cli->args.words[0].ptr, cli->args.words[0].len));
    cli_put_flag(cli, request, "oid", "oid");
    cli_put_flag(cli, request, "finess", "finess");
    cli_put_flag(cli, request, "kind", "kind");
    cli_put_flag(cli, request, "max-status", "max_status");
    cli_put_flag(cli, request, "evidence", "evidence");
    cli_put_flag(cli, request, "identifiers", "identifiers");
    put_senders(cli, request);
    if (put_auto_link(cli, request, err) && put_trust(cli, request, err)) {
        *out = request;
        return true;
    }
    json_decref(request);
    return false;
}

/* -- printing ------------------------------------------------------------------------------------------------------------- */

static struct span sender_text(struct cli *cli, const json_t *sender) {
    struct span certificate = cli_member(cli, sender, "certificate");
    return span_of(arena_printf(cli->arena, "%.*s|%.*s%s%.*s", SPAN_ARG(cli_member(cli, sender, "application")),
                                SPAN_ARG(cli_member(cli, sender, "facility")), certificate.len ? "|" : "", SPAN_ARG(certificate)));
}

static void print_domain(struct cli *cli, const json_t *domain) {
    static const char *const lines[][2] = {{"kind", "kind"},
                                           {"oid", "OID"},
                                           {"finess", "FINESS"},
                                           {"auto_link", "auto-link"},
                                           {"max_status", "max-status"},
                                           {"evidence", "evidence"},
                                           {"trust", "trust"},
                                           {"identifiers", "identifiers"}};
    terminal_text(cli->out, cli_member(cli, domain, "namespace"));
    buf_add_char(cli->out, '\n');
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct span value = cli_member(cli, domain, lines[i][0]);
        if (value.len)
            cli_print_line(cli, lines[i][1], value);
    }
    const json_t *senders = json_object_get(domain, "senders");
    for (size_t i = 0; i < json_array_size(senders); i++)
        cli_print_line(cli, "sender", sender_text(cli, json_array_get(senders, i)));
    bool fed = strcmp(cli_member(cli, domain, "kind").ptr, "hospital") == 0 ||
               strcmp(cli_member(cli, domain, "kind").ptr, "practice") == 0;
    if (fed && json_array_size(senders) == 0)
        cli_print_line(cli, "sender", SPAN("none declared: any peer on this machine whose MSH-4 is the namespace"));
}

static void print_domains(struct cli *cli, const json_t *list) {
    struct table *table = table_new(cli->arena, 8);
    static const char *const heads[] = {"NAMESPACE", "KIND", "OID", "FINESS", "AUTO-LINK", "MAX STATUS", "EVIDENCE", ">SENDERS"};
    static const char *const fields[] = {"namespace", "kind", "oid", "finess", "auto_link", "max_status", "evidence"};
    for (size_t i = 0; i < 8; i++)
        table_head(table, heads[i]);
    for (size_t row = 0; row < json_array_size(list); row++) {
        const json_t *domain = json_array_get(list, row);
        for (size_t i = 0; i < 7; i++)
            table_cell(table, cli_member(cli, domain, fields[i]));
        table_number(table, json_array_size(json_object_get(domain, "senders")));
    }
    if (table_rows(table) > 0)
        table_write(table, cli->out);
    else
        buf_add_cstr(cli->out, "No domain is declared. sosie domain add --help shows how to declare one.\n");
}

static int finish(struct cli *cli, json_t *request, const char *member) {
    return cli_ask_and_print(cli, request, member, print_domain, print_domains);
}

/* -- commands ------------------------------------------------------------------------------------------------------------- */

static int run_change(struct cli *cli, const char *verb) {
    struct error err = ERROR_INIT;
    json_t *request;
    if (!make_request(cli, verb, &request, &err))
        return cli_usage(cli, &err);
    return finish(cli, request, "domain");
}

static int run_add(struct cli *cli) {
    return run_change(cli, "domain-add");
}

static int run_set(struct cli *cli) {
    return run_change(cli, "domain-set");
}

static int run_list(struct cli *cli) {
    return finish(cli, cli_request(cli, "domain-list"), "domains");
}

static int run_show(struct cli *cli) {
    json_t *request = cli_request(cli, "domain-show");
    json_object_set_new(request, "namespace", json_stringn(cli->args.words[0].ptr, cli->args.words[0].len));
    return finish(cli, request, "domain");
}

const struct command_row command_domain_add = {
    .name = "domain add",
    .words = "NAMESPACE",
    .summary = "declare a patient identification domain",
    .text = "Declares a domain: an assigning authority whose identifiers are kept. It takes effect at once, no restart.\n"
            "Exactly one regional domain must exist: it gives the persons' identifiers.\n\n"
            "  sosie domain add REGION-EX --kind regional --oid 1.2.250.1.999.7\n"
            "  sosie domain add CHU-EXEMPLE --kind hospital --finess 990000018 --sender 'DPI|CHU-EXEMPLE'",
    .flags = add_flags,
    .flag_count = sizeof add_flags / sizeof *add_flags,
    .least_words = 1,
    .most_words = 1,
    .run = run_add,
};

const struct command_row command_domain_set = {
    .name = "domain set",
    .words = "NAMESPACE",
    .summary = "change a domain's policy",
    .text = "Changes what is given and leaves the rest. --sender replaces the whole list of senders.\n\n"
            "  sosie domain set CHU-EXEMPLE --auto-link no",
    .flags = set_flags,
    .flag_count = sizeof set_flags / sizeof *set_flags,
    .least_words = 1,
    .most_words = 1,
    .run = run_set,
};

const struct command_row command_domain_list = {
    .name = "domain list",
    .words = "",
    .summary = "list the domains",
    .text = "Lists the declared domains and their policies.",
    .run = run_list,
};

const struct command_row command_domain_show = {
    .name = "domain show",
    .words = "NAMESPACE",
    .summary = "show one domain with its senders",
    .text = "Shows one domain, named by its namespace or OID.",
    .least_words = 1,
    .most_words = 1,
    .run = run_show,
};
